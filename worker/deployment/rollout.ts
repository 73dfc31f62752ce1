import { every } from '../periodic.ts';
import { buildsAtWork } from './at-work.ts';
import { takePlace } from './current.ts';
import { Takeover, type TakeoverDependencies } from './takeover.ts';

export interface Rollout {
  /** Resolves when work can reach our build. */
  readonly settled: Promise<void>;
  /** Resolves when the look that runs is over. */
  stop(): Promise<void>;
}

export interface RolloutDependencies extends TakeoverDependencies {
  /** Between two looks for runs to take over; 5 s when absent. */
  readonly lookMs?: number;
}

/** Temporal learns of a build by its polls, of each kind of work by itself; meanwhile we ask as often as this, for so long. */
const unregisteredMs = 50;
const patienceMs = 15_000;

/**
 * Brings our build into service: makes it the current one as soon as its worker polls, then takes over runs of builds that have
 * no worker any more, for as long as we run, since a worker of an older build may still drain.
 */
export function startRollout({ lookMs = 5_000, ...deps }: RolloutDependencies): Rollout {
  const { client, build, taskQueue, log } = deps;
  const { version } = build;
  const takeover = new Takeover(deps);
  const atWork = () => buildsAtWork(client, version.deploymentName, taskQueue);
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => (settle = resolve));
  const impatient = Date.now() + patienceMs;
  const stop = every(lookMs, 'rollout of this build', log, async () => {
    const standing = await takePlace(client, version, atWork);
    if (standing === 'unregistered') {
      if (Date.now() > impatient) throw new Error('Temporal has not seen this build poll yet');
      return unregisteredMs;
    }
    settle();
    if (standing === 'current') await takeover.look(atWork);
    else takeover.rest();
    return lookMs;
  });
  return { settled, stop };
}
