import { pathsOf, configOf, type AgentContext } from '../context.ts';
import { showStat, type StatsRow } from '../haproxy/stats.ts';
import { CounterStore } from './counters.ts';
import { wrapEnvelope } from './envelope.ts';
import { buildMessage } from './message.ts';
import { HeartbeatSender } from './sender.ts';

/**
 * Tells the controllers how the amphora is, every `heartbeat_interval` until `signal`. Nothing is sent while keepalived
 * is configured but does not run: the amphora is of no use then (Octavia: health_daemon.py, run_sender).
 */
export async function runHeartbeats(context: AgentContext, signal: AbortSignal): Promise<void> {
  const counters = await CounterStore.open(pathsOf(context).statsCounters);
  const sender = new HeartbeatSender(context.log);
  for (let seq = 0; !signal.aborted;) {
    try {
      if (context.vrrp.configured && context.vrrp.pid === null) {
        context.log.warn('keepalived is configured but does not run: no heartbeat');
      } else {
        await beat(context, seq, counters, sender);
        seq += 1;
      }
    } catch (error) {
      context.log.error({ err: error }, 'no heartbeat');
    }
    await pause(context, signal);
  }
  sender.close();
}

async function beat(
  context: AgentContext,
  seq: number,
  counters: CounterStore,
  sender: HeartbeatSender,
): Promise<void> {
  const { amphoraId, heartbeatKey, controllers } = configOf(context);
  const message = buildMessage(amphoraId, seq, await runningStats(context), counters);
  await sender.send(wrapEnvelope(message, heartbeatKey), controllers);
  // The counters of a full disk are written later; the heartbeat is what matters.
  await counters.save().catch((error: unknown) => context.log.warn({ err: error }, 'counters not saved'));
}

/** The statistics of every HAProxy that runs; one that does not answer reports nothing, and the heartbeat is still sent. */
async function runningStats(context: AgentContext): Promise<readonly StatsRow[]> {
  const rows: StatsRow[] = [];
  for (const id of await context.haproxy.ids()) {
    const { pid, paths } = await context.haproxy.instance(id);
    if (pid === null) continue;
    try {
      rows.push(...(await showStat(paths.socket)));
    } catch (error) {
      context.log.warn({ err: error, loadBalancer: id }, 'no statistics');
    }
  }
  return rows;
}

/** Waits for the interval, or less when the configuration changes or the agent ends. */
async function pause(context: AgentContext, signal: AbortSignal): Promise<void> {
  const interval = AbortSignal.timeout(configOf(context).heartbeatIntervalSeconds * 1000);
  await context.config.nextChange(AbortSignal.any([signal, interval]));
}
