/** haproxy.cfg out of its model: the same model gives the same bytes. */
import type { Amphora, LoadBalancerGraph } from '../../model/graph.ts';
import { renderBackend } from './backend.ts';
import { haproxyConfiguration, type HaproxyOptions } from './configuration.ts';
import { renderFrontend } from './frontend.ts';
import { renderDefaults, renderGlobal } from './global.ts';
import type { Frontend, HaproxyConfiguration } from './model.ts';
import { renderPeers } from './peers.ts';
import { renderSections, type Section } from './text.ts';

function proxies(configuration: HaproxyConfiguration, frontend: Frontend): readonly Section[] {
  const backends = frontend.backends.map((backend) => renderBackend(backend, configuration));
  return [renderFrontend(frontend)].concat(backends);
}

export function renderHaproxyConfiguration(configuration: HaproxyConfiguration): string {
  const { peers, frontends } = configuration;
  return renderSections(`Configuration for loadbalancer ${configuration.loadBalancerId}`, [
    renderGlobal(configuration),
    renderDefaults(),
    ...(peers === null ? [] : [renderPeers(peers)]),
    ...frontends.flatMap((frontend) => proxies(configuration, frontend)),
  ]);
}

/** haproxy.cfg for one amphora of a load balancer. Throws UnrenderableValue. */
export function renderHaproxy(graph: LoadBalancerGraph, amphora: Amphora, options: HaproxyOptions): string {
  return renderHaproxyConfiguration(haproxyConfiguration(graph, amphora, options));
}
