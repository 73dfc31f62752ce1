import { describe, expect, it } from 'vitest';
import { closingLine, totals, type VitestReport } from '../../cli/check/closing-line.ts';

function report(parts: Partial<VitestReport>): VitestReport {
  return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [], ...parts };
}

describe('the closing line of weir test', () => {
  it('counts passed and failed tests', () => {
    const counts = totals(report({ numPassedTests: 7, numFailedTests: 2 }), 1, 0);
    expect(closingLine(counts)).toBe('7 passed, 2 failed');
  });

  it('names skipped tests when there are some', () => {
    const counts = totals(report({ numPassedTests: 7, numPendingTests: 1, numTodoTests: 2 }), 0, 0);
    expect(closingLine(counts)).toBe('7 passed, 0 failed, 3 skipped');
  });

  it('fails a run without any test', () => {
    expect(closingLine(totals(report({}), 0, 0))).toBe('0 passed, 1 failed');
    expect(closingLine(totals(undefined, 1, 0))).toBe('0 passed, 1 failed');
  });

  it('counts a file that could not be loaded as failed', () => {
    const broken = { status: 'failed', assertionResults: [] };
    expect(closingLine(totals(report({ numPassedTests: 3, testResults: [broken] }), 1, 0))).toBe('3 passed, 1 failed');
  });

  it('does not count a failed test twice for its file', () => {
    const file = { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] };
    const counts = totals(report({ numPassedTests: 1, numFailedTests: 1, testResults: [file] }), 1, 0);
    expect(closingLine(counts)).toBe('1 passed, 1 failed');
  });

  it('fails for an error outside any test and for each refused check', () => {
    expect(closingLine(totals(report({ numPassedTests: 3 }), 1, 0))).toBe('3 passed, 1 failed');
    expect(closingLine(totals(report({ numPassedTests: 3 }), 0, 2))).toBe('3 passed, 2 failed');
  });
});
