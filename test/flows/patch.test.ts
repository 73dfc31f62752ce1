/** What replay says of a flow that was changed without care, and what it does not: the table of docs/adding-a-flow.md. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const flowFile = 'workflows/load-balancer/failover.ts';
const guard = "if (topology === 'SINGLE' || !patched('ask who holds the VIP')) return backwards;";

let folder: string;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  await mkdir(join(root, 'dist'), { recursive: true });
  folder = await mkdtemp(join(root, 'dist/patch-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the replay of a history says with one text of the flow replaced; null when it replays. */
async function replayWith(from: string, to: string, version: 'v1' | 'v2'): Promise<string | null> {
  const place = await mkdtemp(join(folder, 'flows-'));
  for (const room of ['workflows', 'model', 'activities'])
    await cp(join(root, room), join(place, room), { recursive: true });
  const source = await readFile(join(root, flowFile), 'utf8');
  expect(source).toContain(from);
  await writeFile(join(place, flowFile), source.replace(from, to));
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: join(place, 'workflows/index.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const name = `failoverLoadBalancer-ACTIVE_STANDBY-succeeds.${version}.json`;
  const history: unknown = JSON.parse(await readFile(join(root, 'test/flows/histories', name), 'utf8'));
  return Worker.runReplayHistory({ workflowBundle }, history).then(
    () => null,
    (error: unknown) => String(error),
  );
}

test.each([
  ['the step without `patched`', guard, '', 'v1', 'Missing associated machine for LocalActivity(3)'],
  [
    'the patch taken out',
    guard,
    'if (backwards.length > 0) return backwards;',
    'v2',
    'Non-deprecated patch marker encountered for change ask who holds the VIP, but there is no corresponding change command',
  ],
  [
    'a step left out',
    "await step.network('ensure VIP', (a) => a.restoreVip(loadBalancerId));",
    '',
    'v1',
    "Activity type of recorded marker 'restoreVip' does not match activity type of local activity command",
  ],
] as const)('%s shows in a replay, with the words of the guide', async (_, from, to, version, words) => {
  const said = await replayWith(from, to, version);
  expect(said).toContain('[TMPRL1100] Nondeterminism error');
  expect(said).toContain(words);
  expect(await readFile(join(root, 'docs/adding-a-flow.md'), 'utf8')).toContain(words);
});

test('another argument does not show in a replay: the traces are for that', async () => {
  expect(await replayWith('return backwards.toSorted', 'return places.toSorted', 'v2')).toBeNull();
});
