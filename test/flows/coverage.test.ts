/** Nothing is a flow of Weir's that is not proven. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as workflows from '../../workflows/index.ts';
import { operationKinds } from '../../model/operation.ts';
import { scenarios } from './support/scenario.ts';

/** Proven by a file of its own: they have no operation. */
const others: Readonly<Record<string, string>> = {
  cleanUp: 'clean-up.test.ts',
  surveyMachines: '../cli/repair.test.ts',
};

test('every exported workflow is the flow of an operation, with a scenario that every proof is made on, or has proofs of its own', () => {
  const proven = new Set<string>([...scenarios.map(({ kind }) => kind), ...Object.keys(others)]);
  for (const file of Object.values(others)) expect(existsSync(new URL(file, import.meta.url))).toBe(true);
  expect(Object.keys(workflows).filter((name) => !proven.has(name))).toEqual([]);
});

test('every kind of operation has its workflow', () => {
  expect(operationKinds.filter((kind) => !(kind in workflows))).toEqual([]);
});
