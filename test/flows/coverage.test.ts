/** Nothing is a flow of Weir's that is not proven. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as workflows from '../../workflows/index.ts';
import { operationKinds } from '../../model/operation.ts';
import { scenarios } from './support/scenario.ts';

/** Proven by a file of its own, for they have no operation; what each of the proofs is called there. */
const others: Readonly<Record<string, { readonly file: string; readonly proofs: readonly string[] }>> = {
  cleanUp: {
    file: 'clean-up.test.ts',
    proofs: [
      'goes on while the load balancer is in ERROR already, with both reasons',
      'ends by itself, and nothing is left, once the driver works again',
      'has one effect though each of its calls is made twice',
      'ends when its workflow is cancelled, and a deletion takes away what it left',
      'is tried once more when its worker is lost in a try',
    ],
  },
  surveyMachines: {
    file: 'survey.test.ts',
    proofs: [
      'names those that belong to no amphora, and changes nothing',
      'says which place does not answer, and what the others have',
      'says why a place fails',
    ],
  },
};

test('every exported workflow is the flow of an operation, with a scenario that every proof is made on, or has proofs of its own', () => {
  const proven = new Set<string>([...scenarios.map(({ kind }) => kind), ...Object.keys(others)]);
  for (const { file, proofs } of Object.values(others)) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(proofs.filter((name) => !text.includes(`it('${name}`))).toEqual([]);
  }
  expect(Object.keys(workflows).filter((name) => !proven.has(name))).toEqual([]);
});

test('every kind of operation has its workflow', () => {
  expect(operationKinds.filter((kind) => !(kind in workflows))).toEqual([]);
});
