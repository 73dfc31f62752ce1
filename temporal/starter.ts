import type { OperationRow } from '../db/schema.ts';

/**
 * How the VIP of a new load balancer came out: `allocated` (the rows hold it), `failed` (the flow has reverted, no row
 * is left; `type` is a DriverErrorType or `Internal`), or `unknown` (Temporal did not answer in time).
 */
export type VipOutcome =
  | { readonly outcome: 'allocated' }
  | { readonly outcome: 'failed'; readonly type: string; readonly message: string }
  | { readonly outcome: 'unknown' };

/** Starts the workflow of an operation after the transaction that wrote it has been committed. */
export interface OperationStarter {
  /**
   * Never throws and never waits longer than a second: what is not started here, the relay starts. False when Temporal did not
   * answer, and when the workflow was there already.
   */
  start(operation: OperationRow): Promise<boolean>;
  /** Starts createLoadBalancer and waits for its VIP, for as long as Temporal is there. Never throws. `unknown` within two seconds of silence. */
  startAndAwaitVip(operation: OperationRow): Promise<VipOutcome>;
}
