/** How much is proven: `./weir test flows` proves everything, a run of all tests what takes no longer than the other tests together. */
import { scenarios, type Scenario } from './scenario.ts';

export const everything = process.env['WEIR_PROVE_ALL'] === '1';

/** A run of all tests leaves out the failovers of a pair, and one that is like another but for an amphora too many. */
export const chosenScenarios: readonly Scenario[] = scenarios.filter(({ costly }) => everything || !costly);
