import { PlainError } from '../fatal.ts';
import type { Configuration } from '../options.ts';
import { withRepairContext } from './context.ts';
import { findById, type Action, type Finding } from './finding.ts';
import { reportJson, reportText } from './report.ts';
import { survey } from './survey.ts';

/** Exit code of a list in which something needs a person. */
export const needsPersonCode = 3;

type Print = (line: string) => void;

/** Prints everything that needs a person, or may soon. Returns the exit code: 0 when nothing does, 3 when something does. */
export function listStuck(
  configuration: Configuration,
  options: { readonly olderThanMs: number; readonly json: boolean },
  print: Print,
): Promise<number> {
  return withRepairContext(configuration, options.olderThanMs, async (context) => {
    const found = await survey(context);
    print(options.json ? reportJson(found) : reportText(found));
    return found.findings.some(({ needsPerson }) => needsPerson) ? needsPersonCode : 0;
  });
}

export interface ActOptions {
  readonly olderThanMs: number;
  /** What to act on; undefined for all that the action makes sense for. */
  readonly id: string | undefined;
  readonly dryRun: boolean;
  readonly force: boolean;
}

/**
 * Does something about one stuck thing, or about all. Returns the exit code: 0, or 1 when one of several failed. Throws PlainError when
 * the thing is not there or the action makes no sense for it.
 */
export function act(configuration: Configuration, action: Action, options: ActOptions, print: Print): Promise<number> {
  return withRepairContext(configuration, options.olderThanMs, async (context) => {
    const { findings, unseen } = await survey(context);
    for (const text of unseen) print(`not looked at: ${text}`);
    const chosen = options.id === undefined ? findings.filter(isWilling(action)) : [findById(findings, options.id)];
    if (chosen.length === 0) print(`there is nothing to ${action}`);
    let failed = 0;
    for (const finding of chosen) {
      const { would, carryOut } = finding.plan(action, options.force);
      print(`${finding.id}: ${options.dryRun ? 'would ' : ''}${would}`);
      if (options.dryRun) continue;
      const result = await carryOut().catch((error: unknown) => {
        if (!(error instanceof PlainError) || options.id !== undefined) throw error;
        failed += 1;
        return `refused: ${error.message}`;
      });
      print(`${finding.id}: ${result}`);
    }
    return failed === 0 ? 0 : 1;
  });
}

/** Whether the action makes sense for a thing. */
function isWilling(action: Action): (finding: Finding) => boolean {
  return (finding) => {
    try {
      finding.plan(action, false);
      return true;
    } catch (error) {
      if (error instanceof PlainError) return false;
      throw error;
    }
  };
}
