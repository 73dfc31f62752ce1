/** What the code has that docs/taskflow-parity.md must speak of. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createControlActivities, createMachineActivities } from '../../../../activities/activities.ts';
import type { ComputeDependencies, ControlDependencies } from '../../../../activities/dependencies.ts';
import { loadSettings } from '../../../../config/settings.ts';
import { operationKinds } from '../../../../model/operation.ts';
import { undoSites } from '../../../mutation-undo/mutants.ts';
import { activityOf } from '../proofs/trial.ts';
import { nameOf, scenarios, type Scenario } from '../scenario.ts';
import { fileNameOf } from '../trace.ts';

/** What the proofs of a scenario show. */
interface Shown {
  /** Whose scenario it is. */
  readonly flow: string;
  /** The activities of a run that succeeds, and those that take its steps back when it fails. */
  readonly steps: readonly string[];
  readonly undos: readonly string[];
}

export interface Code {
  readonly activities: ReadonlySet<string>;
  readonly flows: readonly string[];
  /** Those that the flows call, and each flow by itself: what is common to all flows left out. */
  readonly called: ReadonlySet<string>;
  readonly calledBy: ReadonlyMap<string, ReadonlySet<string>>;
  readonly undos: ReadonlySet<string>;
  readonly scenarios: ReadonlyMap<string, Shown>;
  /** `P3 answer lost`, and those that have a number only: `P8`. */
  readonly proofs: readonly string[];
  /** `test/flows/crash.test.ts`. */
  readonly testFiles: ReadonlySet<string>;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
/** How a flow runs and unwinds: in every flow, so in the table of none. */
const common: ReadonlySet<string> = new Set(['workflows/flow.ts', 'workflows/saga.ts']);

export async function readCode(): Promise<Code> {
  const activities = activityNames();
  const sources = await workflowSources();
  const callsIn = (files: Iterable<string>): ReadonlySet<string> => {
    const text = [...files].map((file) => sources.get(file) ?? '').join('\n');
    return new Set([...activities].filter((name) => new RegExp(`\\b${name}\\b`).test(text)));
  };
  const files = await filesOfFlows();
  return {
    activities,
    flows: [...new Set([...operationKinds, ...files.keys()])],
    called: callsIn(sources.keys()),
    calledBy: new Map([...files].map(([flow, file]) => [flow, callsIn(reachedFrom(file, sources))])),
    undos: new Set((await undoSites()).map(({ activity }) => activity)),
    scenarios: new Map(await Promise.all(scenarios.map(async (one) => [nameOf(one), await shownBy(one)] as const))),
    proofs: await proofNames(),
    testFiles: await testFiles(),
  };
}

/** The activities are closures over what they need; to know their names they need nothing. */
function activityNames(): ReadonlySet<string> {
  const deps = { settings: loadSettings({}) };
  return new Set([
    ...Object.keys(createControlActivities(deps as ControlDependencies)),
    ...Object.keys(createMachineActivities(deps as ComputeDependencies)),
  ]);
}

/** The flows' files without comments. */
async function workflowSources(): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(join(root, 'workflows'), { recursive: true })).filter((name) => name.endsWith('.ts'));
  const entries = names.map(async (name) => {
    const file = join('workflows', name);
    const text = await readFile(join(root, file), 'utf8');
    return [file, text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '')] as const;
  });
  return new Map(await Promise.all(entries));
}

/** A scenario's trace is compared with a run by a test of its own. */
async function shownBy(scenario: Scenario): Promise<Shown> {
  const trace = await readFile(join(root, 'test/flows/traces', `${fileNameOf(nameOf(scenario))}.txt`), 'utf8');
  return { flow: scenario.kind, steps: trace.trim().split('\n').map(activityOf), undos: scenario.undos };
}

/** Where each flow is, by workflows/index.ts. */
async function filesOfFlows(): Promise<ReadonlyMap<string, string>> {
  const index = await readFile(join(root, 'workflows/index.ts'), 'utf8');
  return new Map(
    [...index.matchAll(/export \{ (\w+) \} from '(.+)'/g)].map(([, flow = '', from = '']) => [
      flow,
      join('workflows', from),
    ]),
  );
}

/** A file and all that it imports from the flows, the common ones left out. */
function reachedFrom(file: string, sources: ReadonlyMap<string, string>, seen = new Set<string>()): Set<string> {
  if (seen.has(file) || common.has(file)) return seen;
  seen.add(file);
  for (const [, from = ''] of (sources.get(file) ?? '').matchAll(/^import (?!type)[^']*from '(\.[^']+)'/gm))
    reachedFrom(join(dirname(file), from), sources, seen);
  return seen;
}

async function proofNames(): Promise<readonly string[]> {
  const [all, crash] = await Promise.all(
    ['support/proofs/all.ts', 'crash.test.ts'].map((name) => readFile(join(root, 'test/flows', name), 'utf8')),
  );
  return [...(all ?? '').matchAll(/'(P\d+ [^']+)'/g), ...(crash ?? '').matchAll(/^ \* (P\d+):/gm)].flatMap(
    ([, name]) => name ?? [],
  );
}

async function testFiles(): Promise<ReadonlySet<string>> {
  const names = await readdir(join(root, 'test'), { recursive: true });
  return new Set(names.filter((name) => name.endsWith('.test.ts')).map((name) => join('test', name)));
}
