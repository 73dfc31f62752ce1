/** Records the histories that must go on replaying: each flow in each way in which it can end. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Cloud } from './cloud.ts';
import type { Fault } from './injector.ts';
import { Trial } from './proofs/trial.ts';
import { proveUnwinding } from './proofs/unwinding.ts';
import { nameOf, type Scenario } from './scenario.ts';
import { stuckCreation } from './stuck.ts';
import { fileNameOf } from './trace.ts';

export const folder = fileURLToPath(new URL('../histories/', import.meta.url));
const checkout = fileURLToPath(new URL('../../../', import.meta.url));
/** Of the flows as they are: the next one for what is recorded after a change that `patched` guards. */
const version = 'v2';

/** What a run that succeeds shows. */
interface Clean {
  readonly steps: readonly string[];
  readonly remote: readonly string[];
}

/** How a flow can end, as the fault that makes it end so. */
export const endings: Readonly<Record<string, (clean: Clean) => Fault | undefined>> = {
  succeeds: () => undefined,
  'fails at once': ({ steps }) => ({ step: steps[0] ?? '', mode: 'before' }),
  'loses the last answer but one': ({ steps }) => ({ step: steps.at(-2) ?? '', mode: 'after' }),
  'is cancelled half way': ({ steps }) => ({ step: steps[Math.floor((steps.length - 1) / 2)] ?? '', mode: 'cancel' }),
  'outlives its worker': ({ remote }) => ({ step: remote[0] ?? '', mode: 'lose' }),
};

/** The name of a history's file, without its version. */
export function fileOf(scenario: Scenario, ending: string): string {
  return fileNameOf(`${nameOf(scenario)} ${ending}`);
}

/** Records all endings of a scenario, and the one in which an undo is handed over where it has undos. */
export async function record(cloud: Cloud, scenario: Scenario): Promise<void> {
  let clean: Clean = { steps: [], remote: [] };
  for (const [ending, faultOf] of Object.entries(endings)) {
    const fault = faultOf(clean);
    const run = await recordRun(cloud, scenario, ending, fault);
    if (fault === undefined) clean = run;
  }
  const step = clean.steps.at(-2) ?? '';
  const { undone } = await proveUnwinding(new Trial(cloud, scenario), { step, mode: 'after' });
  const thenStuck = undone.find((undo) => !clean.steps.includes(undo));
  if (thenStuck !== undefined)
    await recordRun(cloud, scenario, 'hands an undo over', { step, mode: 'after', thenStuck });
}

async function recordRun(cloud: Cloud, scenario: Scenario, ending: string, fault?: Fault): Promise<Clean> {
  const trial = new Trial(cloud, scenario);
  const { injector, workflowId, ended } = await trial.start(fault);
  const { steps } = await ended();
  // What is still away comes back, so that the worker can end.
  injector.letGo();
  await save(cloud, workflowId, fileOf(scenario, ending));
  return { steps, remote: steps.filter((step) => !injector.isLocal(step)) };
}

/** A clean-up that succeeds after some tries. */
export async function recordCleanUp(cloud: Cloud): Promise<void> {
  const { handle } = await stuckCreation(cloud);
  cloud.world.troubles.endAll();
  await handle.result();
  await save(cloud, handle.workflowId, 'cleanUp-succeeds-at-last');
}

async function save({ client }: Cloud, workflowId: string, name: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  // Stack traces name files; where this checkout lies is nobody's business.
  await writeFile(`${folder}${name}.${version}.json`, historyToJSON(history).replaceAll(checkout, ''));
}
