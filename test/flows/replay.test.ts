/**
 * Saved histories replay: a change of a flow that a running workflow could not follow fails here. `WEIR_UPDATE_HISTORIES=<pattern>`
 * records those whose names match; do that for a new flow, never to silence a failure (docs/adding-a-flow.md).
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { workflowInterceptorModules, workflowsPath } from '../../worker/workflow-bundle.ts';
import { startCloud } from './support/cloud.ts';
import { notReplayable } from './support/proofs/replay.ts';
import { otherEndings } from './support/other-endings.ts';
import { filesOf, folder, record, recordOthers, type Choice } from './support/record.ts';
import { scenarios } from './support/scenario.ts';
import { sideBySide } from './support/side-by-side.ts';

const wanted = process.env['WEIR_UPDATE_HISTORIES'];

async function recordWhat(pattern: RegExp): Promise<void> {
  const chosen: Choice = (file) => pattern.test(file);
  const cloud = await startCloud({ workerLostAfterMs: 2_000 });
  await mkdir(folder, { recursive: true });
  await sideBySide(
    scenarios.map((scenario) => () => record(cloud, scenario, chosen)),
    4,
  );
  await recordOthers(cloud, chosen);
  await cloud.stop();
}

interface SavedHistory {
  readonly name: string;
  readonly text: string;
  readonly json: {
    events: { workflowExecutionStartedEventAttributes?: { workflowType?: { name: string }; workflowId?: string } }[];
  };
}

async function savedHistories(): Promise<readonly SavedHistory[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(folder + name, 'utf8');
      return { name, text, json: JSON.parse(text) as SavedHistory['json'] };
    }),
  );
}

const versionOf = (name: string): number => Number(/\.v(\d+)\.json$/.exec(name)?.[1]);
const unversioned = (name: string): string => name.replace(/\.v\d+\.json$/, '');

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
    if (wanted !== undefined) await recordWhat(new RegExp(wanted));
    workflowBundle = await bundleWorkflowCode({
      workflowsPath,
      workflowInterceptorModules: [...workflowInterceptorModules],
      logger: new DefaultLogger('ERROR'),
    });
    histories = await savedHistories();
  }, 900_000);

  test('are there for every scenario, in each way in which it can end', () => {
    const names = new Set(histories.map(({ name }) => unversioned(name)));
    const due = [
      ...scenarios.flatMap((scenario) => Array.from(filesOf(scenario).keys())),
      ...Object.keys(otherEndings),
    ];
    expect(due.filter((name) => !names.has(name))).toEqual([]);
  });

  test('end as their names say', () => {
    const shown = new Map([
      ...scenarios.flatMap((scenario) => Array.from(filesOf(scenario))),
      ...Object.entries(otherEndings).map(([name, { shows }]) => [name, shows] as const),
    ]);
    // What an earlier build did may have ended otherwise.
    const newest = new Map(
      histories.toSorted((a, b) => versionOf(a.name) - versionOf(b.name)).map((one) => [unversioned(one.name), one]),
    );
    const wrong = [...newest].flatMap(([name, one]) => (shown.get(name)?.test(one.text) === false ? [one] : []));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  test('replay with the flows as they are now', { timeout: 600_000 }, async () => {
    const names = new Map(histories.map(({ name, json }) => [workflowIdOf(json), name]));
    const saved = histories.map(({ json }) => ({ workflowId: workflowIdOf(json), history: historyFromJSON(json) }));
    const failures = await notReplayable(workflowBundle, saved);
    expect(names.size).toBe(histories.length);
    expect([...failures].map(([id, why]) => `${names.get(id)}: ${why}`)).toEqual([]);
  });

  test('have passed every patch', async () => {
    const sources = await readdir(dirname(workflowsPath), { recursive: true });
    const texts = await Promise.all(
      sources
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFile(join(dirname(workflowsPath), name), 'utf8')),
    );
    const patches = texts.flatMap((text) => Array.from(text.matchAll(/\bpatched\('([^']+)'\)/g), ([, id]) => id ?? ''));
    expect(patches.length).toBeGreaterThan(2);
    const encoded = histories.map(({ text }) => text).join();
    // As the marker holds it.
    const marked = (id: string): string => Buffer.from(JSON.stringify({ id, deprecated: false })).toString('base64');
    expect(patches.filter((id) => !encoded.includes(marked(id)))).toEqual([]);
  });

  test('do not replay with another flow than their own', async () => {
    const taken = structuredClone(histories.find(({ name }) => name.startsWith('createListener-'))?.json);
    const type = taken?.events[0]?.workflowExecutionStartedEventAttributes?.workflowType;
    if (taken === undefined || type === undefined) throw new Error('there is no history of createListener');
    type.name = 'createMember';
    await expect(Worker.runReplayHistory({ workflowBundle }, taken)).rejects.toThrow('Nondeterminism');
  });
});
