/** How long and how often a flow tries its steps: one class for each kind of thing that a step talks to. Plain data, so that a workflow is started with it. */

export interface RetryClass {
  /** Times that a step is tried at most; null for no limit. */
  readonly attempts: number | null;
  /** ms between the first two tries. */
  readonly intervalMs: number;
  /** How many times as long each further interval is. */
  readonly backoff: number;
  /** ms between two tries at most. */
  readonly maxIntervalMs: number;
  /** ms that one try may take. */
  readonly tryLimitMs: number;
  /** ms that all tries may take together; null for no limit. */
  readonly totalLimitMs: number | null;
}

export interface RetrySettings {
  /** A quick step on our own database: tried until the database is there. Any other error ends it after some tries (worker/interceptor.ts). */
  readonly database: RetryClass;
  /** A call to a cloud's network API. */
  readonly networking: RetryClass;
  /** A call to a compute API, or to a compute host. */
  readonly compute: RetryClass;
  /** Boot of an amphora until it runs, the wait for its turn included. The step itself looks at the time. */
  readonly boot: RetryClass;
  /** Waiting until the agent of a new amphora answers. The step itself looks at the time. */
  readonly agentWait: RetryClass;
  /** Configuring an amphora. */
  readonly amphora: RetryClass;
  /** The same in a failover, where the other amphora may be dead. */
  readonly amphoraFailover: RetryClass;
  /** An undo, while its flow waits for it. What cannot be had in this time goes to a clean-up flow. */
  readonly undo: RetryClass;
  /** ms until a compute host that takes no step from its task queue counts as down. */
  readonly hostQueueLimitMs: number;
  /** ms until a worker that is silent counts as dead. Workers beat for every step. */
  readonly workerLostAfterMs: number;
}

const endless = { attempts: null, totalLimitMs: null } as const;
const api = { attempts: 15, intervalMs: 1_000, backoff: 2, maxIntervalMs: 10_000, totalLimitMs: null } as const;
const agent = { attempts: 15, intervalMs: 500, backoff: 2, maxIntervalMs: 2_000, totalLimitMs: null } as const;

/** What the settings' defaults come to. An operation that says nothing else is tried like this. */
export const defaultRetries: RetrySettings = {
  database: { ...endless, intervalMs: 100, backoff: 2, maxIntervalMs: 2_000, tryLimitMs: 10_000 },
  networking: { ...api, tryLimitMs: 60_000 },
  compute: { ...api, tryLimitMs: 60_000 },
  boot: { ...api, tryLimitMs: 960_000 },
  agentWait: { ...agent, tryLimitMs: 690_000 },
  amphora: { ...agent, tryLimitMs: 90_000 },
  amphoraFailover: { ...agent, intervalMs: 2_000, backoff: 1, tryLimitMs: 380_000 },
  undo: { attempts: null, intervalMs: 500, backoff: 2, maxIntervalMs: 5_000, tryLimitMs: 30_000, totalLimitMs: 30_000 },
  hostQueueLimitMs: 60_000,
  workerLostAfterMs: 10_000,
};
