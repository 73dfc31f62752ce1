/**
 * Saved histories replay: a change of a flow that a running workflow could not follow fails here. `WEIR_UPDATE_HISTORIES=1`
 * records them anew; do that for a new flow, never to silence a failure (docs/adding-a-flow.md).
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { operationKinds, workflowIdOf } from '../../model/operation.ts';
import { workflowsPath } from '../../worker/workflow-bundle.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { run } from './support/run.ts';
import { scenarios, type Scenario } from './support/scenario.ts';

const folder = fileURLToPath(new URL('histories/', import.meta.url));
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const recording = process.env['WEIR_UPDATE_HISTORIES'] === '1';

async function record(cloud: Cloud, scenario: Scenario, ending: 'succeeds' | 'unwinds'): Promise<void> {
  const operation = await scenario.prepare(cloud);
  await run(cloud, operation, ending === 'unwinds' ? { at: 1, mode: 'after' } : undefined);
  const id = workflowIdOf({ loadBalancerId: operation.load_balancer_id, sequence: operation.sequence });
  const history = await cloud.client.workflow.getHandle(id).fetchHistory();
  const name = `${scenario.kind} ${scenario.variant} ${ending}`.replaceAll(/[^A-Za-z_]+/g, '-');
  // Stack traces name files; where this checkout lies is nobody's business.
  await writeFile(`${folder}${name}.v1.json`, historyToJSON(history).replaceAll(checkout, ''));
}

async function recordAll(): Promise<void> {
  const cloud = await startCloud();
  await mkdir(folder, { recursive: true });
  for (const scenario of scenarios)
    for (const ending of ['succeeds', 'unwinds'] as const) await record(cloud, scenario, ending);
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
    else Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
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
