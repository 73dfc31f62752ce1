import { mkdir } from 'node:fs/promises';
import { pathsOf, type AgentContext } from '../context.ts';
import { failure, json, type AgentRequest, type AgentResponse } from '../http/message.ts';
import { updateHaproxyCheck, writeCheckScripts } from '../keepalived/check-script.ts';
import { KeepalivedFailed, keepalivedSequence } from '../keepalived/vrrp.ts';
import { writeFileAtomic } from '../process/files.ts';
import { md5 } from './haproxy-config.ts';
import { parseAction } from './loadbalancer.ts';
import { parameter } from './parameters.ts';
import { refuseOlder } from './stale.ts';

/**
 * PUT /vrrp/upload: stores keepalived.conf and the scripts that it names (Octavia: api_server/keepalived.py). One with a lower
 * sequence number than the stored one is refused with 409.
 */
export async function uploadVrrpConfig(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const paths = pathsOf(context);
  return context.mutex.run('vrrp', async () => {
    refuseOlder(keepalivedSequence(request.body.toString('utf8')), await context.vrrp.sequence());
    await mkdir(paths.vrrp, { recursive: true });
    await writeFileAtomic(paths.keepalivedConfig, request.body, 0o644);
    await writeCheckScripts(paths);
    await updateHaproxyCheck(paths, await context.haproxy.ids());
    return json(200, { message: 'OK' }, { etag: md5(request.body) });
  });
}

/** PUT /vrrp/{start|stop|reload}; a start while keepalived runs is a reload. */
export async function actOnVrrp(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const asked = parseAction(parameter(request, 'action'));
  return context.mutex.run('vrrp', async () => {
    const action = asked === 'start' && context.vrrp.pid !== null ? 'reload' : asked;
    try {
      await context.vrrp[action]();
    } catch (error) {
      if (!(error instanceof KeepalivedFailed)) throw error;
      throw failure(500, `Failed to ${action} octavia-keepalived service`, error.message);
    }
    return json(202, { message: 'OK', details: `keepalived ${action}ed` });
  });
}
