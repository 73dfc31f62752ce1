/**
 * Saved histories replay: a change of a flow that a running workflow could not follow fails here. `WEIR_UPDATE_HISTORIES=1`
 * records them anew; do that for a new flow, never to silence a failure (docs/adding-a-flow.md).
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { operationKinds } from '../../model/operation.ts';
import { workflowInterceptorModules, workflowsPath } from '../../worker/workflow-bundle.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import type { Fault } from './support/injector.ts';
import { Trial } from './support/proofs/trial.ts';
import { nameOf, scenarios, type Scenario } from './support/scenario.ts';
import { fileNameOf } from './support/trace.ts';

const folder = fileURLToPath(new URL('histories/', import.meta.url));
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const recording = process.env['WEIR_UPDATE_HISTORIES'] === '1';

/** How a flow can end, as the fault that makes it end so; the steps are those of a run that succeeds. */
const endings: Readonly<Record<string, (steps: readonly string[]) => Fault | undefined>> = {
  succeeds: () => undefined,
  'fails at once': ([step = '']) => ({ step, mode: 'before' }),
  'loses the last answer but one': (steps) => ({ step: steps.at(-2) ?? '', mode: 'after' }),
  'is cancelled half way': (steps) => ({ step: steps[Math.floor((steps.length - 1) / 2)] ?? '', mode: 'cancel' }),
};

async function record(cloud: Cloud, scenario: Scenario): Promise<void> {
  let steps: readonly string[] = [];
  for (const [ending, faultOf] of Object.entries(endings)) {
    const fault = faultOf(steps);
    const trial = new Trial(cloud, scenario);
    const { ending: ended } = await trial.run(fault);
    if (fault === undefined) ({ steps } = ended);
    const history = await cloud.client.workflow.getHandle(trial.workflowIds[0] ?? '').fetchHistory();
    // Stack traces name files; where this checkout lies is nobody's business.
    const json = historyToJSON(history).replaceAll(checkout, '');
    await writeFile(`${folder}${fileNameOf(`${nameOf(scenario)} ${ending}`)}.v2.json`, json);
  }
}

async function recordAll(): Promise<void> {
  const cloud = await startCloud();
  await mkdir(folder, { recursive: true });
  for (const scenario of scenarios) await record(cloud, scenario);
  await cloud.stop();
}

interface SavedHistory {
  readonly name: string;
  readonly json: { events: { workflowExecutionStartedEventAttributes?: { workflowType?: { name: string } } }[] };
}

async function savedHistories(): Promise<readonly SavedHistory[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => ({
      name,
      json: JSON.parse(await readFile(folder + name, 'utf8')) as SavedHistory['json'],
    })),
  );
}

describe('saved histories', () => {
  let workflowBundle: WorkflowBundleWithSourceMap;
  let histories: readonly SavedHistory[];

  beforeAll(async () => {
    if (recording) await recordAll();
    workflowBundle = await bundleWorkflowCode({
      workflowsPath,
      workflowInterceptorModules: [...workflowInterceptorModules],
      logger: new DefaultLogger('ERROR'),
    });
    histories = await savedHistories();
  }, 300_000);

  test('are there for every flow, for success and for failure', () => {
    const missing = operationKinds.filter(
      (kind) =>
        !histories.some(({ name }) => name.startsWith(`${kind}-`) && name.includes('succeeds')) ||
        !histories.some(({ name }) => name.startsWith(`${kind}-`) && name.includes('unwinds')),
    );
    expect(missing).toEqual([]);
  });

  test('replay with the flows as they are now', async () => {
    const failures: string[] = [];
    for (const { name, json } of histories)
      await Worker.runReplayHistory({ workflowBundle }, json).catch((error: unknown) =>
        failures.push(`${name}: ${String(error)}`),
      );
    expect(failures).toEqual([]);
  });

  test('do not replay with another flow than their own', async () => {
    const taken = structuredClone(histories.find(({ name }) => name.startsWith('createListener-'))?.json);
    const type = taken?.events[0]?.workflowExecutionStartedEventAttributes?.workflowType;
    if (taken === undefined || type === undefined) throw new Error('there is no history of createListener');
    type.name = 'createMember';
    await expect(Worker.runReplayHistory({ workflowBundle }, taken)).rejects.toThrow('Nondeterminism');
  });
});
