import { expect, test } from 'vitest';
import { proofTable } from '../../cli/check/proof-table.ts';

const report = (flows: readonly object[]) => ({
  numPassedTests: 1,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: flows.map((meta) => ({ status: 'passed', meta })) }],
});

test('each proven flow has a line with its steps, its undos and its proofs, and the last line sums them up', () => {
  const flow = { name: 'createPool, SINGLE', steps: 2, undos: 0, proofs: { 'P1 succeeds': 1, 'P2 fails': 2 } };
  expect(proofTable(report([{ flows: [flow, { ...flow, name: 'a' }] }, {}]))).toEqual([
    'createPool, SINGLE  2 steps, 0 undos, 3 proofs: P1 succeeds 1, P2 fails 2',
    'a                   2 steps, 0 undos, 3 proofs: P1 succeeds 1, P2 fails 2',
    'all flows           6 proofs of 2 scenarios',
  ]);
});

test('what several tests prove of one flow stands in one line', () => {
  const lost = { name: 'createPool, SINGLE', proofs: { 'P8 worker lost': 2 } };
  const flow = { name: 'createPool, SINGLE', steps: 2, undos: 0, proofs: { 'P1 succeeds': 1 } };
  expect(proofTable(report([{ flows: [lost] }, { flows: [flow] }, { flows: [lost] }]))).toEqual([
    'createPool, SINGLE  2 steps, 0 undos, 5 proofs: P8 worker lost 4, P1 succeeds 1',
    'all flows           5 proofs of 1 scenarios',
  ]);
});

test('a flow of which no steps are counted has a line without them', () => {
  const flows = [{ name: 'cleanUp', proofs: { 'of its own': 1 } }];
  expect(proofTable(report([{ flows }]))[0]).toBe('cleanUp  1 proofs: of its own 1');
});

test('a run without proofs has no table', () => {
  expect(proofTable(report([{}]))).toEqual([]);
  expect(proofTable(undefined)).toEqual([]);
});
