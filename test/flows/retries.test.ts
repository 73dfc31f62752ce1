import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSettings } from '../../config/settings.ts';
import { startOptions } from '../../temporal/open.ts';
import { policiesOf } from '../../workflows/policies.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestLoadBalancer } from './support/operations.ts';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];
type Scheduled = NonNullable<Event['activityTaskScheduledEventAttributes']>;

/** Settings unlike the defaults, each in another way. */
const changed = loadSettings({
  WEIR_NETWORKING_MAX_RETRIES: '3',
  WEIR_NETWORKING_RETRY_MAX: '7',
  WEIR_COMPUTE_MAX_RETRIES: '4',
  WEIR_COMPUTE_RETRY_BACKOFF: '2',
  WEIR_AMP_ACTIVE_RETRIES: '2',
  WEIR_AMPHORA_MAX_RETRIES: '5',
  WEIR_AMPHORA_RETRY_INTERVAL_MS: '250',
  WEIR_CONNECTION_MAX_RETRIES: '6',
  WEIR_WORKER_LOST_AFTER_MS: '3000',
  WEIR_UNDO_LIMIT: '11',
});

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.stop());

/** The activities of a creation, which is cancelled at once or is not, as Temporal was told to run them. */
async function scheduled({ cancel }: { readonly cancel: boolean }): Promise<ReadonlyMap<string, Scheduled>> {
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
  const { args, ...options } = startOptions(operation, { ...changed, taskQueue: cloud.taskQueue });
  const [input] = args;
  const handle = await cloud.client.workflow.start('createLoadBalancer', {
    ...options,
    args: [{ ...input, quickNetwork: false }],
  });
  if (cancel) await handle.cancel();
  await handle.result().catch(() => undefined);
  const { events } = await handle.fetchHistory();
  return new Map(
    (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: attributes }) =>
      attributes == null ? [] : [[attributes.activityType?.name ?? '', attributes]],
    ),
  );
}

const secondsOf = (duration: { seconds?: unknown; nanos?: number | null } | null | undefined): number =>
  Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;

function figuresOf(attributes: Scheduled | undefined) {
  return {
    attempts: attributes?.retryPolicy?.maximumAttempts,
    first: secondsOf(attributes?.retryPolicy?.initialInterval),
    backoff: attributes?.retryPolicy?.backoffCoefficient,
    most: secondsOf(attributes?.retryPolicy?.maximumInterval),
    try: secondsOf(attributes?.startToCloseTimeout),
    silence: secondsOf(attributes?.heartbeatTimeout),
  };
}

describe('the retries of an operation', () => {
  test('are what the settings said when it was started, for each kind of step', async () => {
    const steps = await scheduled({ cancel: false });
    const silence = 3;
    expect(figuresOf(steps.get('allocateVip'))).toEqual({
      attempts: 3,
      first: 1,
      backoff: 2,
      most: 7,
      try: 60,
      silence,
    });
    expect(figuresOf(steps.get('bootAmphora'))).toEqual({
      attempts: 4,
      first: 2,
      backoff: 2,
      most: 10,
      try: 2 * 10 + 120 * 5 + 60,
      silence,
    });
    expect(figuresOf(steps.get('awaitAgent'))).toEqual({
      attempts: 5,
      first: 0.25,
      backoff: 2,
      most: 2,
      try: 6 * 5 + 90,
      silence,
    });
    expect(figuresOf(steps.get('plugVip'))).toEqual({
      attempts: 5,
      first: 0.25,
      backoff: 2,
      most: 2,
      try: 90,
      silence,
    });
  });

  test('say how long an undo is waited for', async () => {
    const undo = (await scheduled({ cancel: true })).get('releaseVip');
    expect(secondsOf(undo?.scheduleToCloseTimeout)).toBe(11);
    expect(figuresOf(undo)).toEqual({ attempts: 0, first: 0.5, backoff: 2, most: 5, try: 11, silence: 3 });
  });

  test('are not in the input of an operation whose settings are the defaults', async () => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const inputOf = (settings: Parameters<typeof startOptions>[1]) => startOptions(operation, settings).args[0];
    expect(inputOf({ taskQueue: 'queue', networkDriver: 'linux' })).not.toHaveProperty('retries');
    expect(inputOf(loadSettings({}))).not.toHaveProperty('retries');
    expect(inputOf(changed).retries?.workerLostAfterMs).toBe(3_000);
  });

  test('of an operation that names none are the defaults', () => {
    const { undo, database, amphora, hostQueue } = policiesOf();
    expect(undo.scheduleToCloseTimeout).toBe(30_000);
    expect(database).not.toHaveProperty('retry.maximumAttempts');
    expect(amphora.heartbeatTimeout).toBe(10_000);
    expect(hostQueue.scheduleToStartTimeout).toBe(60_000);
  });
});
