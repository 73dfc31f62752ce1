import { createHash } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import type { AgentContext } from '../context.ts';
import { configuredSequence, withoutOwner } from '../haproxy/config-file.ts';
import { ownerExists } from '../haproxy/owner.ts';
import { peerName } from '../haproxy/store.ts';
import { failure, json, text, type AgentRequest, type AgentResponse } from '../http/message.ts';
import { writeFileAtomic } from '../process/files.ts';
import { requireLoadBalancer } from './loadbalancer.ts';
import { idParameter, parameter } from './parameters.ts';
import { refuseOlder } from './stale.ts';

/**
 * PUT /loadbalancer/{amphora}/{lb}/haproxy: checks a configuration and stores it; the running HAProxy learns of it by the
 * next reload (Octavia: loadbalancer.py, upload_haproxy_config). One with a lower sequence number than the stored one is
 * refused with 409: it comes from an operation that a later one has overtaken.
 */
export async function uploadHaproxyConfig(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const id = idParameter(request, 'lb');
  const peer = peerName(parameter(request, 'amphora'));
  const config = request.body.toString('utf8');
  return context.mutex.run(id, async () => {
    refuseOlder(configuredSequence(config), await context.haproxy.sequenceInPlace(id));
    const instance = await context.haproxy.instance(id);
    await mkdir(instance.paths.dir, { recursive: true });
    await instance.setPeer(peer);
    const { newConfig } = instance.paths;
    await writeFileAtomic(newConfig, withoutOwner(config, !ownerExists()), 0o600);
    const checked = await instance.check(newConfig);
    if (checked.code !== 0) {
      await rename(newConfig, `${newConfig}-failed`);
      throw failure(400, 'Invalid request', checked.output);
    }
    await rename(newConfig, instance.paths.config);
    context.haproxy.markChecked(id);
    return json(202, { message: 'OK' }, { etag: md5(request.body) });
  });
}

/** GET /loadbalancer/{lb}/haproxy: the stored configuration, and in a header the sequence number of the running one. */
export async function getHaproxyConfig(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const id = requireLoadBalancer(context, request, 'lb');
  const config = await context.haproxy.configOf(id);
  const running = await (await context.haproxy.instance(id)).runningSequence();
  const header = running === null ? {} : { 'x-weir-running-sequence': String(running) };
  return text(200, config, { etag: md5(config), ...header });
}

/** MD5 in hex: what upstream answers as ETag, without quotes. */
export function md5(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex');
}
