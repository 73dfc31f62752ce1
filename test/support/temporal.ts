import { askForServer } from './servers.ts';

export interface TestTemporalAddress {
  /** host:port, as WEIR_TEMPORAL_ADDRESS takes it. */
  readonly address: string;
  readonly namespace: string;
}

/**
 * The run's Temporal server. Test files share it: take a task queue of your own (`weir-${randomUUID()}`), and ids of your own
 * for workflows.
 */
export function testTemporal(): Promise<TestTemporalAddress> {
  return askForServer<TestTemporalAddress>('temporal');
}
