/** Amphorae over the REST API of their agents, upstream's 1.0 and ours alike (Octavia: amphorae/drivers/haproxy/rest_api_driver.py). */
import { haproxyConfiguration, needsHaproxy, upstreamPaths } from '../../dataplane/haproxy/configuration.ts';
import type { HaproxyPaths } from '../../dataplane/haproxy/model.ts';
import { renderHaproxyConfiguration } from '../../dataplane/haproxy/render.ts';
import { parseHaproxyVersion } from '../../dataplane/haproxy/version.ts';
import { UnrenderableValue } from '../../dataplane/grammar.ts';
import { upstreamVrrpOptions, type VrrpOptions } from '../../dataplane/keepalived/model.ts';
import { renderKeepalived } from '../../dataplane/keepalived/render.ts';
import { plugNetwork, plugVip } from '../../dataplane/plug.ts';
import type { Amphora, LoadBalancerGraph } from '../../model/graph.ts';
import type { PortDetails } from '../../model/network.ts';
import { DriverError } from '../errors.ts';
import type { AgentClient } from './agent-client.ts';
import type { AmphoraDriver, AmphoraInfo, VipSubnet } from './contract.ts';
import type { InfoCache } from './info-cache.ts';

/** Our agent tells which configuration runs; upstream's has no such header. */
const runningSequenceHeader = 'x-weir-running-sequence';

/** What our agent answers when a newer operation has been there. */
const stale = { 409: 'StaleSequence' } as const;

/** What cannot be rendered is refused here as an agent would refuse it. */
function rendered<T>(render: () => T): T {
  try {
    return render();
  } catch (error) {
    if (error instanceof UnrenderableValue)
      throw new DriverError('ConfigurationRefused', error.message, { cause: error });
    throw error;
  }
}

function infoOf(body: string): AmphoraInfo {
  const { hostname, haproxy_version, api_version } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return { hostname: text(hostname), haproxyVersion: text(haproxy_version), apiVersion: text(api_version) };
}

/** Where things lie in the amphora and how VRRP goes; as upstream's images have it unless it is said otherwise. */
export interface AmphoraLayout {
  readonly paths: HaproxyPaths;
  readonly vrrp: VrrpOptions;
}

const upstreamLayout: AmphoraLayout = { paths: upstreamPaths, vrrp: upstreamVrrpOptions };

export class RestAmphoraDriver implements AmphoraDriver {
  readonly #client: AgentClient;
  readonly #infos: InfoCache;
  readonly #layout: AmphoraLayout;

  constructor(client: AgentClient, infos: InfoCache, layout: AmphoraLayout = upstreamLayout) {
    this.#client = client;
    this.#infos = infos;
    this.#layout = layout;
  }

  async info(amphora: Amphora): Promise<AmphoraInfo> {
    const { body } = await this.#client.call(amphora, { method: 'GET', path: 'info' });
    const info = infoOf(body);
    this.#infos.remember(amphora.id, info);
    return info;
  }

  async plugVip(
    amphora: Amphora,
    graph: LoadBalancerGraph,
    vips: readonly VipSubnet[],
    vrrpPort: PortDetails,
  ): Promise<void> {
    const primary = graph.vips.at(0)?.address ?? '';
    const { vip, body } = rendered(() => plugVip(amphora, primary, vips, vrrpPort));
    await this.#plug(amphora, `plug/vip/${vip}`, body);
  }

  /** The VIP's own interface has that network already, and plugging it as a member network would take the VIPs away. */
  async plugNetwork(amphora: Amphora, port: PortDetails): Promise<void> {
    if (port.port.id === amphora.vrrpPortId) return;
    const body = rendered(() => plugNetwork(port));
    await this.#plug(amphora, 'plug/network', body);
  }

  async applyListeners(amphora: Amphora, graph: LoadBalancerGraph): Promise<void> {
    if (!needsHaproxy(graph)) return this.#removeListeners(amphora, graph);
    const { haproxyVersion } = this.#infos.recall(amphora.id) ?? (await this.info(amphora));
    const configuration = rendered(() =>
      haproxyConfiguration(graph, amphora, { version: parseHaproxyVersion(haproxyVersion), paths: this.#layout.paths }),
    );
    await this.#client.call(amphora, {
      method: 'PUT',
      path: `loadbalancer/${amphora.id}/${graph.id}/haproxy`,
      body: rendered(() => renderHaproxyConfiguration(configuration)),
      contentType: 'text/plain',
      failures: stale,
    });
    await this.#client.call(amphora, { method: 'PUT', path: `loadbalancer/${graph.id}/reload` });
    await this.#confirm(amphora, graph);
  }

  async interfaceOf(amphora: Amphora, address: string): Promise<string | null> {
    const path = `interface/${encodeURIComponent(address)}`;
    const { status, body, contentType } = await this.#client.call(amphora, { method: 'GET', path, expected: [404] });
    if (status !== 404) return String((JSON.parse(body) as { interface: unknown }).interface);
    if (contentType.includes('application/json')) return null;
    throw new DriverError('AmphoraUnreachable', `the agent of amphora ${amphora.id} is not ready`);
  }

  async applyVrrp(amphora: Amphora, graph: LoadBalancerGraph, vips: readonly VipSubnet[]): Promise<void> {
    const vrrpInterface = amphora.vrrpInterface ?? (await this.interfaceOf(amphora, amphora.vrrpIp ?? ''));
    const body = rendered(() => renderKeepalived(graph, { ...amphora, vrrpInterface }, vips, this.#layout.vrrp));
    await this.#client.call(amphora, {
      method: 'PUT',
      path: 'vrrp/upload',
      body,
      contentType: 'text/plain',
      failures: stale,
    });
    await this.#client.call(amphora, { method: 'PUT', path: 'vrrp/start' });
  }

  async rotateCertificate(amphora: Amphora, serverPem: string): Promise<void> {
    await this.#client.call(amphora, {
      method: 'PUT',
      path: 'certificate',
      body: serverPem,
      contentType: 'application/x-pem-file',
    });
  }

  /** An agent that has the interface already answers with a conflict. */
  async #plug(amphora: Amphora, path: string, body: unknown): Promise<void> {
    await this.#client.call(amphora, { method: 'POST', path, body: JSON.stringify(body), expected: [409] });
  }

  async #removeListeners(amphora: Amphora, graph: LoadBalancerGraph): Promise<void> {
    const path = `listeners/${graph.id}?sequence=${graph.sequence}`;
    await this.#client.call(amphora, { method: 'DELETE', path, failures: stale });
  }

  /** Reads back what runs. Throws AgentFailed while it is older than what was sent. */
  async #confirm(amphora: Amphora, graph: LoadBalancerGraph): Promise<void> {
    const response = await this.#client.call(amphora, { method: 'GET', path: `loadbalancer/${graph.id}/haproxy` });
    const running = response.header(runningSequenceHeader);
    if (running === null || Number(running) >= graph.sequence) return;
    throw new DriverError(
      'AgentFailed',
      `amphora ${amphora.id} still runs configuration ${running} of load balancer ${graph.id}, not ${graph.sequence}`,
    );
  }
}
