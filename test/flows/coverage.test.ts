/** Nothing is a flow of Weir's that is not proven. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as workflows from '../../workflows/index.ts';
import { operationKinds } from '../../model/operation.ts';
import { proofNames } from './support/proofs/all.ts';
import { scenarios } from './support/scenario.ts';

/** The title of a test that shows it, of the flow's own file unless it is called by another's; or why there is none. */
type Shown = string | { readonly title: string; readonly file: string } | { readonly none: string };

/** What each proof of a flow with an operation shows of one that has none. */
type Proofs = Readonly<Record<`P${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11}`, Shown>>;

const replays = { title: 'replay with the flows as they are now', file: 'replay.test.ts' };

const others: Readonly<Record<string, { readonly file: string; readonly proofs: Proofs }>> = {
  cleanUp: {
    file: 'clean-up.test.ts',
    proofs: {
      P1: 'ends by itself, and nothing is left, once the driver works again',
      P2: 'goes on while the load balancer is in ERROR already, with both reasons',
      P3: 'tries once more when the answer to a call is lost, and leaves nothing',
      P4: { none: 'its calls are undos themselves, and nothing takes them back' },
      P5: 'has one effect though each of its calls is made twice',
      P6: 'ends as failed, and names what is left, when it is given up',
      P7: 'ends when its workflow is cancelled, and a deletion takes away what it left',
      P8: 'is tried once more when its worker is lost in a try',
      P9: replays,
      P10: { none: 'what it calls is handed to it, and P10 of that flow names it' },
      P11: 'leaves alone what a newer operation has made of the load balancer',
    },
  },
  surveyMachines: {
    file: 'survey.test.ts',
    proofs: {
      P1: 'names those that belong to no amphora, and changes nothing',
      P2: 'says why a place fails',
      P3: { none: 'it has no effect: an answer that is lost is a place that fails' },
      P4: { none: 'it has nothing to take back' },
      P5: 'says the same, and changes nothing, though every place is asked twice',
      P6: { none: 'it has nothing to take back' },
      P7: 'ends as cancelled when its workflow is',
      P8: 'says which place lost its worker while it was asked',
      P9: replays,
      P10: { none: 'it has nothing to take back' },
      P11: { none: 'it is about no load balancer' },
    },
  },
};

const exported = Object.keys(workflows);

test('every exported workflow is the flow of an operation, with a scenario that every proof is made on, or has proofs of its own', () => {
  const proven = new Set<string>([...scenarios.map(({ kind }) => kind), ...Object.keys(others)]);
  expect(exported.filter((name) => !proven.has(name))).toEqual([]);
  expect(Object.keys(others).filter((name) => !exported.includes(name))).toEqual([]);
});

test('every proof that is made of an operation has a test, or a reason why not, for a workflow that has none', () => {
  const numbers = new Set([...proofNames.map((name) => name.split(' ')[0] ?? ''), 'P8']);
  for (const { file, proofs } of Object.values(others)) {
    expect(new Set(Object.keys(proofs))).toEqual(numbers);
    const wanted = Object.values(proofs).map((shown) => (typeof shown === 'string' ? { title: shown, file } : shown));
    expect(wanted.filter((shown) => 'title' in shown && !titlesIn(shown.file).has(shown.title))).toEqual([]);
  }
});

function titlesIn(file: string): ReadonlySet<string> {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return new Set(Array.from(text.matchAll(/\b(?:it|test)\('([^']+)'/g), ([, title = '']) => title));
}

test('every kind of operation has its workflow', () => {
  expect(operationKinds.filter((kind) => !(kind in workflows))).toEqual([]);
});
