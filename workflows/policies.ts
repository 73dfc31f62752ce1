/**
 * Every time-out and retry of every step, by the kind of thing that a step talks to. Upstream's figures, where they still
 * make sense, are those of reference settings [compute], [networking] and [haproxy_amphora].
 */
import { ActivityCancellationType, type ActivityOptions, type LocalActivityOptions } from '@temporalio/workflow';

/** A worker that is silent for this long has died, and its step goes to another. The worker beats for every step. */
const lostAfter = '10s';

/** A quick step on our own database: tried until the database is there. */
export const database: LocalActivityOptions = {
  startToCloseTimeout: '10s',
  retry: { initialInterval: '100ms', maximumInterval: '2s' },
};

/** One call to a network or compute API (15 tries, 1 to 10 s apart: [networking] and [compute] max_retries, retry_*). */
export const cloud: ActivityOptions = {
  startToCloseTimeout: '60s',
  heartbeatTimeout: lostAfter,
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '10s', maximumAttempts: 15 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** Boot of an amphora until it runs. The step polls and heartbeats; its own limit is the setting WEIR_AMP_BOOT_TIMEOUT. */
export const boot: ActivityOptions = {
  startToCloseTimeout: '1h',
  heartbeatTimeout: lostAfter,
  retry: { initialInterval: '1s', maximumInterval: '10s', maximumAttempts: 15 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** Waiting until the agent of a new amphora answers. The step polls and heartbeats; its limit is WEIR_AMP_CONNECTION_TIMEOUT. */
export const agentWait: ActivityOptions = {
  startToCloseTimeout: '1h',
  heartbeatTimeout: lostAfter,
  retry: { initialInterval: '500ms', maximumInterval: '5s', maximumAttempts: 15 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** Configuring an amphora that serves ([haproxy_amphora] active_connection_max_retries 15, interval 2 s). */
export const amphora: ActivityOptions = {
  startToCloseTimeout: '90s',
  heartbeatTimeout: lostAfter,
  retry: { initialInterval: '500ms', maximumInterval: '2s', maximumAttempts: 15 },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/** An undo, or a deletion, while its flow waits for it. What cannot be had in this time goes to a clean-up flow. */
export const undo: ActivityOptions = {
  startToCloseTimeout: '60s',
  scheduleToCloseTimeout: '60s',
  heartbeatTimeout: lostAfter,
  retry: { initialInterval: '500ms', maximumInterval: '5s' },
};

/** One try of the same in the detached clean-up flow, which tries again itself for as long as its target may still exist. */
export const cleanUp: ActivityOptions = {
  startToCloseTimeout: '60s',
  scheduleToStartTimeout: '60s',
  heartbeatTimeout: lostAfter,
  retry: { maximumAttempts: 1 },
};

/** On a compute host's own task queue: a host that takes nothing for this long counts as down. */
export const hostQueue: ActivityOptions = { scheduleToStartTimeout: '60s' };

/** A question that a person waits for: whoever does not answer at once is left out. */
export const survey: ActivityOptions = {
  scheduleToStartTimeout: '4s',
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 1 },
};
