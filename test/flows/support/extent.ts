/** How much is proven: `./weir test flows` proves everything, a run of all tests what takes no longer than the other tests together. */
import { scenarios, type Scenario } from './scenario.ts';

export const everything = process.env['WEIR_PROVE_ALL'] === '1';

/** The failovers of a pair take as long as all others together; a run of all tests proves those of SINGLE load balancers. */
export const isCostly = ({ kind, topology }: Scenario): boolean =>
  kind.startsWith('failover') && topology === 'ACTIVE_STANDBY';

export const chosenScenarios: readonly Scenario[] = scenarios.filter((scenario) => everything || !isCostly(scenario));
