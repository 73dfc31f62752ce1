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

type Replacement = readonly [from: string, to: string];

/** What the replay of a history says with texts of the flow's file replaced; null when it replays. */
async function replayWith(
  version: 'v1' | 'v2',
  replacements: readonly Replacement[],
  file = flowFile,
): Promise<string | null> {
  const place = await mkdtemp(join(folder, 'flows-'));
  for (const room of ['workflows', 'model', 'activities'])
    await cp(join(root, room), join(place, room), { recursive: true });
  let source = await readFile(join(root, file), 'utf8');
  for (const [from, to] of replacements) {
    expect(source).toContain(from);
    source = source.replace(from, to);
  }
  await writeFile(join(place, file), source);
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

test.each<[string, 'v1' | 'v2', readonly Replacement[], string]>([
  ['the step without `patched`', 'v1', [[guard, '']], 'Missing associated machine for LocalActivity(3)'],
  [
    'the patch taken out',
    'v2',
    [[guard, 'if (backwards.length > 0) return backwards;']],
    'Non-deprecated patch marker encountered for change ask who holds the VIP, but there is no corresponding change command',
  ],
  [
    '`deprecatePatch` while a history is older than the patch',
    'v1',
    [
      ['import { patched }', 'import { deprecatePatch }'],
      [guard, "if (topology === 'SINGLE') return backwards; deprecatePatch('ask who holds the VIP');"],
    ],
    'Missing associated machine for LocalActivity(3)',
  ],
  [
    'a step left out',
    'v1',
    [["await step.network('ensure VIP', (a) => a.restoreVip(loadBalancerId));", '']],
    "Activity type of recorded marker 'restoreVip' does not match activity type of local activity command",
  ],
])('%s shows in a replay, with the words of the guide', async (_, version, replacements, words) => {
  const said = await replayWith(version, replacements);
  expect(said).toContain('[TMPRL1100] Nondeterminism error');
  expect(said).toContain(words);
  expect(await readFile(join(root, 'docs/adding-a-flow.md'), 'utf8')).toContain(words);
});

test('`deprecatePatch` replays where every history has the patch', async () => {
  const deprecated = await replayWith('v2', [
    ['import { patched }', 'import { deprecatePatch }'],
    [guard, "if (topology === 'SINGLE') return backwards; deprecatePatch('ask who holds the VIP');"],
  ]);
  expect(deprecated).toBeNull();
});

test('the order of the amphorae does not show in a replay: the traces are for that', async () => {
  expect(await replayWith('v2', [['return backwards.toSorted', 'return places.toSorted']])).toBeNull();
});

test('another argument of a step does not either', async () => {
  const file = 'workflows/amphora/boot.ts';
  expect(
    await replayWith('v2', [['a.bootAmphora(amphoraId, priority)', 'a.bootAmphora(amphoraId, 99)']], file),
  ).toBeNull();
});
