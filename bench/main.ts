/** `weir bench`: one measurement after another, each in processes of its own, one line of JSON for each result. */
import type { Settings } from '../config/settings.ts';
import { openControlPlane } from './control-plane.ts';
import { measureBurst, measureCreate } from './create.ts';
import { measureEdit } from './edit.ts';
import { warmUp } from './fixture.ts';
import { measureFlows } from './flow.ts';
import { measureHeartbeats } from './heartbeats.ts';
import { measureList } from './list.ts';
import { lineOf, type Measurement } from './measurement.ts';
import { measureTraffic } from './traffic.ts';

type Measure = (settings: Settings) => Promise<readonly Measurement[]>;

/** A measurement that asks the API of a control plane with no-op drivers. */
function ofApi(measure: (baseUrl: string) => Promise<readonly Measurement[]>): Measure {
  return async (settings) => {
    const controlPlane = await openControlPlane(settings, 'noop');
    try {
      await warmUp(controlPlane.baseUrl);
      return await measure(controlPlane.baseUrl);
    } finally {
      await controlPlane.stop();
    }
  };
}

const measures: Readonly<Record<string, Measure>> = {
  create: ofApi(measureCreate),
  burst: ofApi(measureBurst),
  edit: ofApi(measureEdit),
  flow: measureFlows,
  list: ofApi(measureList),
  traffic: measureTraffic,
  heartbeats: measureHeartbeats,
};

/** Runs the named measurements, or all. Throws for a name that is none. */
export async function runBench(names: readonly string[], settings: Settings): Promise<void> {
  const wanted = names.length > 0 ? names : Object.keys(measures);
  const chosen = wanted.map((name) => {
    const measure = Object.hasOwn(measures, name) ? measures[name] : undefined;
    if (measure === undefined)
      throw new Error(`${name}: no such measurement; there are ${Object.keys(measures).join(', ')}`);
    return measure;
  });
  for (const measure of chosen) {
    for (const result of await measure(settings)) process.stdout.write(`${lineOf(result, new Date())}\n`);
  }
}
