/**
 * Saved histories replay: a change of a flow that a running workflow could not follow fails here. `WEIR_UPDATE_HISTORIES=1`
 * records them anew; do that for a new flow, never to silence a failure (docs/adding-a-flow.md).
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowInterceptorModules, workflowsPath } from '../../worker/workflow-bundle.ts';
import { startCloud } from './support/cloud.ts';
import { notReplayable } from './support/proofs/replay.ts';
import { endings, fileOf, folder, record, recordCleanUp } from './support/record.ts';
import { scenarios } from './support/scenario.ts';
import { sideBySide } from './support/side-by-side.ts';

const recording = process.env['WEIR_UPDATE_HISTORIES'] === '1';

async function recordAll(): Promise<void> {
  const cloud = await startCloud({ workerLostAfterMs: 2_000 });
  await mkdir(folder, { recursive: true });
  await sideBySide(
    scenarios.map((scenario) => () => record(cloud, scenario)),
    4,
  );
  await recordCleanUp(cloud);
  await cloud.stop();
}

interface SavedHistory {
  readonly name: string;
  readonly json: {
    events: { workflowExecutionStartedEventAttributes?: { workflowType?: { name: string }; workflowId?: string } }[];
  };
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

/** A flow names its clean-up after itself. */
function workflowIdOf({ events }: SavedHistory['json']): string {
  const id = events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  if (id === undefined) throw new Error('a history does not begin with the start of its workflow');
  return id;
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
  }, 900_000);

  test('are there for every scenario, in each way in which it can end', () => {
    const names = new Set(histories.map(({ name }) => name.replace(/\.v\d+\.json$/, '')));
    const wanted = scenarios.flatMap((scenario) => Object.keys(endings).map((ending) => fileOf(scenario, ending)));
    expect([...wanted, 'cleanUp-succeeds-at-last'].filter((name) => !names.has(name))).toEqual([]);
    expect([...names].filter((name) => name.endsWith('hands-an-undo-over')).length).toBeGreaterThan(3);
  });

  test('replay with the flows as they are now', { timeout: 600_000 }, async () => {
    const names = new Map(histories.map(({ name, json }) => [workflowIdOf(json), name]));
    const saved = histories.map(({ json }) => ({ workflowId: workflowIdOf(json), history: historyFromJSON(json) }));
    const failures = await notReplayable(workflowBundle, saved);
    expect(names.size).toBe(histories.length);
    expect([...failures].map(([id, why]) => `${names.get(id)}: ${why}`)).toEqual([]);
  });

  test('do not replay with another flow than their own', async () => {
    const taken = structuredClone(histories.find(({ name }) => name.startsWith('createListener-'))?.json);
    const type = taken?.events[0]?.workflowExecutionStartedEventAttributes?.workflowType;
    if (taken === undefined || type === undefined) throw new Error('there is no history of createListener');
    type.name = 'createMember';
    await expect(Worker.runReplayHistory({ workflowBundle }, taken)).rejects.toThrow('Nondeterminism');
  });
});
