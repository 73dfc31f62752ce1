import { Context, sleep } from '@temporalio/activity';
import { buildQueueLimitMs } from '../config/retries.ts';
import type { Settings } from '../config/settings.ts';
import { askForBuildSlot, leaveBuildQueue, type BuildRequest } from '../db/build-queue.ts';
import type { Db } from '../db/database.ts';
import { DriverError } from '../drivers/errors.ts';
import { gone } from './failure.ts';

export type BuildQueueSettings = Pick<Settings, 'buildRateLimit' | 'buildActiveRetries' | 'buildRetryIntervalSec'>;

interface QueueDependencies {
  readonly db: Db;
  readonly settings: BuildQueueSettings;
}

const lookEveryMs = 1_000;

/**
 * Builds when it is the amphora's turn, heartbeating while it waits (Octavia: AmpBuildRateLimit tasks). However the build
 * ends, its place is free for the next one. Throws BuildQueueTimeout. Without a limit there is no queue.
 */
export async function whenTurnComes(
  { db, settings }: QueueDependencies,
  amphoraId: string,
  priority: number,
  build: () => Promise<void>,
): Promise<void> {
  const { buildRateLimit: limit } = settings;
  if (limit < 0) return build();
  try {
    await untilTurn(db, { amphoraId, priority, limit }, buildQueueLimitMs(settings));
    await build();
  } finally {
    if (!goesOnElsewhere()) await leaveBuildQueue(db, amphoraId);
  }
}

async function untilTurn(db: Db, request: BuildRequest, limitMs: number): Promise<void> {
  let began: number | undefined;
  for (;;) {
    Context.current().heartbeat();
    const turn = await askForBuildSlot(db, request);
    if (turn === null) throw gone('AmphoraGone', `amphora ${request.amphoraId} does not exist`);
    if (turn.taken) return;
    // The row says how long an earlier try waited; from here on a clock counts that nobody sets.
    began ??= performance.now() - turn.waitedMs;
    const waitedMs = performance.now() - began;
    if (waitedMs >= limitMs)
      throw new DriverError(
        'BuildQueueTimeout',
        `amphora ${request.amphoraId} waited ${limitMs / 1000} s for its turn to boot`,
      );
    await sleep(Math.min(lookEveryMs, limitMs - waitedMs));
  }
}

/** Whether the step is not over with this try: another worker has it, or will, and finds the place as it was. */
function goesOnElsewhere(): boolean {
  const { cancellationDetails: why } = Context.current();
  return why?.notFound === true || why?.timedOut === true || why?.workerShutdown === true;
}
