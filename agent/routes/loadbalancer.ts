import { configOf, pathsOf, type AgentContext } from '../context.ts';
import { boundAddresses, listenersOf } from '../haproxy/config-file.ts';
import { HaproxyFailed, type HaproxyInstance } from '../haproxy/instance.ts';
import { failure, json, type AgentRequest, type AgentResponse } from '../http/message.ts';
import { advertise } from '../interfaces/advertise.ts';
import { updateHaproxyCheck } from '../keepalived/check-script.ts';
import { idParameter, parameter, sequenceParameter } from './parameters.ts';
import { refuseOlder } from './stale.ts';

type Action = 'start' | 'stop' | 'reload';

/** PUT /loadbalancer/{id}/{start|stop|reload} (Octavia: loadbalancer.py, start_stop_lb). Answers when HAProxy serves. */
export async function actOnLoadBalancer(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const action = parseAction(parameter(request, 'action'));
  const id = requireLoadBalancer(context, request, 'id');
  return context.mutex.run(id, async () => {
    const instance = await context.haproxy.instance(id);
    await checkScript(context, action === 'stop' ? id : null);
    const done = action === 'reload' && instance.pid === null ? 'start' : action;
    await perform(context, instance, done);
    if (done !== 'stop' && !configOf(context).activeStandby) await advertiseVips(context, id);
    const details =
      done === 'start' ? `Configuration file is valid\nhaproxy daemon for ${id} started` : `Listener ${id} ${done}ed`;
    return json(202, { message: 'OK', details });
  });
}

/**
 * DELETE /listeners/{id}: ends HAProxy and removes all its files; one that does not exist is deleted already. `?sequence=<n>`, which
 * upstream's does not know, names the operation, so that one which was overtaken ends nothing.
 */
export async function deleteLoadBalancer(context: AgentContext, request: AgentRequest): Promise<AgentResponse> {
  const id = idParameter(request, 'id');
  const sequence = sequenceParameter(request);
  return context.mutex.run(id, async () => {
    refuseOlder(sequence, await context.haproxy.sequenceInPlace(id));
    if (context.haproxy.has(id)) {
      const instance = await context.haproxy.instance(id);
      await instance.stop();
      if (instance.pid !== null) throw failure(500, 'Error stopping haproxy', `Process ${instance.pid} does not end`);
      await checkScript(context, id);
      await context.haproxy.remove(id);
    }
    if (sequence !== null) await context.haproxy.takeNoneBefore(id, sequence);
    return json(200, { message: 'OK' });
  });
}

/** GET /listeners: what is configured, running or not (Octavia: loadbalancer.py, get_all_listeners_status). */
export async function listListeners(context: AgentContext): Promise<AgentResponse> {
  const configs = await Promise.all((await context.haproxy.ids()).map((id) => context.haproxy.configOf(id)));
  const listeners = configs.flatMap(listenersOf);
  return json(
    200,
    listeners.map(({ id, mode }) => ({ status: 'ACTIVE', uuid: id, type: mode })),
  );
}

/** The id in the path. Throws Octavia's 404 when it has no configuration. */
export function requireLoadBalancer(context: AgentContext, request: AgentRequest, name: string): string {
  const id = idParameter(request, name);
  if (!context.haproxy.has(id)) throw failure(404, 'Loadbalancer Not Found', `No loadbalancer with UUID: ${id}`);
  return id;
}

export function parseAction(text: string): Action {
  const action = text.toLowerCase();
  if (action === 'start' || action === 'stop' || action === 'reload') return action;
  throw failure(400, 'Invalid Request', `Unknown action: ${action}`);
}

async function perform(context: AgentContext, instance: HaproxyInstance, action: Action): Promise<void> {
  try {
    if (action !== 'stop') await checkStored(context, instance);
    await instance[action]();
  } catch (error) {
    if (error instanceof HaproxyFailed) throw failure(500, `Error ${action}ing haproxy`, error.message);
    throw error;
  }
}

/** Certificates may have changed since the upload was checked; HAProxy must never be told to load what it cannot. */
async function checkStored(context: AgentContext, instance: HaproxyInstance): Promise<void> {
  if (context.haproxy.isChecked(instance.loadBalancerId)) return;
  const checked = await instance.check(instance.paths.config);
  if (checked.code !== 0) throw new HaproxyFailed(checked.output);
  context.haproxy.markChecked(instance.loadBalancerId);
}

async function checkScript(context: AgentContext, stopped: string | null): Promise<void> {
  if (!configOf(context).activeStandby) return;
  const ids = (await context.haproxy.ids()).filter((id) => id !== stopped);
  await updateHaproxyCheck(pathsOf(context), ids);
}

async function advertiseVips(context: AgentContext, id: string): Promise<void> {
  await advertise(boundAddresses(await context.haproxy.configOf(id)), context.log);
}
