import type { ProvenFlow } from './proof-table.ts';

/** The part of vitest's JSON report that counts (vitest: reporters/json). */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly meta?: { readonly flows?: readonly ProvenFlow[] };
    }[];
  }[];
}

/** What a run came to. `failed` counts what is not a test too: a file that could not be loaded, a check that was refused. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts a run. `report` is undefined when vitest wrote none; `exitCode` is vitest's, which is not 0 for errors outside any
 * test as well. A run without any test has failed.
 */
export function totals(report: VitestReport | undefined, exitCode: number, failedChecks: number): Totals {
  const passed = report?.numPassedTests ?? 0;
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const counted = (report?.numFailedTests ?? 0) + brokenFiles;
  const outside = counted === 0 && (exitCode !== 0 || passed === 0) ? 1 : 0;
  return {
    passed,
    failed: counted + outside + failedChecks,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

/** The last line of `weir test`, read by CI. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
