/** Records the histories that must go on replaying: each flow in each way in which it can end. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Cloud } from './cloud.ts';
import type { Fault } from './injector.ts';
import { otherEndings } from './other-endings.ts';
import { activityOf, Trial } from './proofs/trial.ts';
import { lastUnwinding } from './proofs/unwinding.ts';
import { nameOf, type Scenario } from './scenario.ts';
import { fileNameOf } from './trace.ts';

export const folder = fileURLToPath(new URL('../histories/', import.meta.url));
const checkout = fileURLToPath(new URL('../../../', import.meta.url));
/** Of the flows as they are: the next one for what is recorded after a change that `patched` guards. */
const version = 'v5';

/** What a run that succeeds shows. */
interface Clean {
  readonly trial: Trial;
  readonly steps: readonly string[];
  /** Those that are not quick ones on our own database. */
  readonly remote: readonly string[];
}

interface Ending {
  /** What its history shows, whatever flow it is of. */
  readonly shows: RegExp;
  readonly faultOf: (clean: Clean) => Fault | Promise<Fault>;
  /** The flows that can end so; all of them where it does not say. */
  readonly appliesTo?: (scenario: Scenario) => boolean;
}

const removesOld = ({ handsOver }: Scenario): boolean => handsOver.length > 0;

/** The last step whose failure fails its flow. */
const lastThatFails = ({ scenario }: Trial, steps: readonly string[]): string =>
  steps.findLast((step) => !scenario.handsOver.includes(activityOf(step))) ?? '';

/** How a flow can end otherwise than well, as the fault that makes it end so. */
const failures: Readonly<Record<string, Ending>> = {
  'fails at once': {
    shows: /injected into.*WORKFLOW_EXECUTION_FAILED/s,
    faultOf: ({ steps }) => ({ step: steps[0] ?? '', mode: 'before' }),
  },
  'loses the last answer but one': {
    shows: /injected into.*WORKFLOW_EXECUTION_FAILED/s,
    faultOf: ({ trial, steps }) => ({ step: lastThatFails(trial, steps.slice(0, -1)), mode: 'after' }),
  },
  'tries in vain': {
    shows: /"attempt": 2.*injected into.*WORKFLOW_EXECUTION_FAILED/s,
    faultOf: ({ trial, remote }) => ({ step: lastThatFails(trial, remote), mode: 'refuse' }),
  },
  'runs out of time': {
    shows: /ACTIVITY_TASK_TIMED_OUT.*TIMEOUT_TYPE_START_TO_CLOSE.*WORKFLOW_EXECUTION_FAILED/s,
    faultOf: ({ remote }) => ({ step: remote[0] ?? '', mode: 'hang' }),
  },
  'is cancelled half way': {
    shows: /ACTIVITY_TASK_CANCELED.*WORKFLOW_EXECUTION_CANCELED/s,
    faultOf: ({ remote }) => ({ step: remote[Math.floor((remote.length - 1) / 2)] ?? '', mode: 'obey' }),
  },
  'is cancelled when the old is removed': {
    shows: /WORKFLOW_EXECUTION_CANCELED/,
    faultOf: ({ trial, steps }) => ({
      step: steps.find((step) => trial.scenario.handsOver.includes(activityOf(step))) ?? '',
      mode: 'cancel',
    }),
    appliesTo: removesOld,
  },
  'outlives its worker': {
    shows: /TIMEOUT_TYPE_HEARTBEAT.*WORKFLOW_EXECUTION_COMPLETED/s,
    faultOf: ({ remote }) => ({ step: remote[0] ?? '', mode: 'lose' }),
  },
  'hands an undo over': {
    shows: /START_CHILD_WORKFLOW_EXECUTION_INITIATED.*WORKFLOW_EXECUTION_FAILED/s,
    faultOf: async ({ trial, steps }) => {
      const { failing, undone } = await lastUnwinding(trial, steps);
      return { step: failing, mode: 'before', thenStuck: undone[0] ?? '' };
    },
    appliesTo: ({ undos }) => undos.length > 0,
  },
};

/** The name of a history's file, without its version. */
const fileOf = (scenario: Scenario, ending: string): string => fileNameOf(`${nameOf(scenario)} ${ending}`);

/** The histories that must be there for a scenario, with what each shows. */
export function filesOf(scenario: Scenario): ReadonlyMap<string, RegExp> {
  const failing = Object.entries(failures).filter(([, { appliesTo }]) => appliesTo?.(scenario) ?? true);
  return new Map([
    [fileOf(scenario, 'succeeds'), /WORKFLOW_EXECUTION_COMPLETED/],
    ...failing.map(([ending, { shows }]) => [fileOf(scenario, ending), shows] as const),
  ]);
}

/** Which histories are recorded, by their files' names. */
export type Choice = (file: string) => boolean;

/** Records the chosen endings of a scenario. */
export async function record(cloud: Cloud, scenario: Scenario, chosen: Choice): Promise<void> {
  if (![...filesOf(scenario).keys()].some(chosen)) return;
  const clean = await recordRun(cloud, scenario, 'succeeds', chosen);
  for (const [ending, { faultOf, appliesTo }] of Object.entries(failures))
    if (chosen(fileOf(scenario, ending)) && (appliesTo?.(scenario) ?? true))
      await recordRun(cloud, scenario, ending, chosen, await faultOf(clean));
}

async function recordRun(
  cloud: Cloud,
  scenario: Scenario,
  ending: string,
  chosen: Choice,
  fault?: Fault,
): Promise<Clean> {
  const trial = new Trial(cloud, scenario);
  const { injector, workflowId, ended } = await trial.start(fault);
  const { steps } = await ended();
  // What is still away comes back, so that the worker can end.
  injector.letGo();
  const name = fileOf(scenario, ending);
  if (chosen(name)) await save(cloud.client.workflow.getHandle(workflowId), name);
  return { trial, steps, remote: steps.filter((step) => !injector.isLocal(step)) };
}

/** Records the chosen ones of those that are no scenario's, one after the other: they make trouble for the whole world. */
export async function recordOthers(cloud: Cloud, chosen: Choice): Promise<void> {
  for (const [name, { run }] of Object.entries(otherEndings)) if (chosen(name)) await save(await run(cloud), name);
}

async function save(handle: WorkflowHandle, name: string): Promise<void> {
  const history = await handle.fetchHistory();
  // Stack traces name files; where this checkout lies is nobody's business.
  await writeFile(`${folder}${name}.${version}.json`, historyToJSON(history).replaceAll(checkout, ''));
}
