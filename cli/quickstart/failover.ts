/** Kills the master amphora and watches what clients see until the pair is whole again. */
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { folderOf } from '../../drivers/compute/host/folder.ts';
import { endProcesses } from '../../drivers/compute/host/process.ts';
import type { Amphora, Api } from './api.ts';
import { startProbe } from './probe.ts';

export interface FailoverReport {
  /** From the last answer before the kill to the first one after it, ms. */
  readonly outageMs: number;
  /** From the kill until two amphorae serve again, ms. */
  readonly wholeAfterMs: number;
  readonly requests: { readonly answered: number; readonly unanswered: number };
}

const steadyMs = 1_000;
const moveLimitMs = 30_000;
/** How long the health process may take to notice before the failover is asked for. */
const noticeLimitMs = 45_000;
const wholeLimitMs = 180_000;

/** A pair, and the one of it that answers. */
export interface Pair {
  readonly loadBalancerId: string;
  readonly vip: string;
  readonly master: Amphora;
}

/** Throws when clients get no answer again, or the pair does not become whole. */
export async function failMaster(
  settings: Settings,
  api: Api,
  { loadBalancerId, vip, master }: Pair,
  print: (line: string) => void,
): Promise<FailoverReport> {
  const probe = startProbe(vip);
  try {
    await delay(steadyMs);
    print(`kill -9 of all processes of the master amphora ${master.id}`);
    const killedAt = performance.now();
    await endProcesses(folderOf(join(settings.stateDir, 'amphorae'), master.compute_id));
    // From here on no process of the master can answer: what is answered shows that the address has moved.
    const endedAt = performance.now();
    await awaitAnswer(() => probe.lastAnswered() > endedAt);
    const outageMs = Math.round(probe.longestSilence());
    print(`clients saw no answer for ${outageMs} ms`);
    await awaitReplacement(api, loadBalancerId, master, print);
    return {
      outageMs,
      wholeAfterMs: Math.round(performance.now() - killedAt),
      requests: probe.counts(),
    };
  } finally {
    probe.stop();
  }
}

async function awaitAnswer(answeredAgain: () => boolean): Promise<void> {
  const deadline = performance.now() + moveLimitMs;
  while (!answeredAgain()) {
    if (performance.now() > deadline) throw new Error(`no answer from the VIP for ${moveLimitMs / 1000} s`);
    await delay(20);
  }
}

async function awaitReplacement(
  api: Api,
  loadBalancerId: string,
  dead: Amphora,
  print: (line: string) => void,
): Promise<void> {
  const began = performance.now();
  let asked = false;
  for (;;) {
    const pair = await api.amphorae(loadBalancerId);
    const status = (await api.loadBalancer(loadBalancerId))?.provisioning_status;
    if (pair.length === 2 && pair.every(({ id }) => id !== dead.id) && status === 'ACTIVE') return;
    const waited = performance.now() - began;
    if (waited > wholeLimitMs) throw new Error(`the pair is not whole after ${wholeLimitMs / 1000} s (${status})`);
    if (!asked && waited > noticeLimitMs && status === 'ACTIVE') {
      print('the health process has not replaced it; asking for the failover');
      await api.call('PUT', `/v2/octavia/amphorae/${dead.id}/failover`);
      asked = true;
    }
    await delay(200);
  }
}
