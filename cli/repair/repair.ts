import { PlainError } from '../fatal.ts';
import type { Configuration } from '../options.ts';
import { withRepairContext } from './context.ts';
import { findById, type Action, type Finding, type Plan } from './finding.ts';
import { reportJson, reportText } from './report.ts';
import { survey } from './survey.ts';

/** Exit code of a list in which something needs a person. */
export const needsPersonCode = 3;

type Print = (line: string) => void;

/** Exit code when nothing else was found, but not everything could be looked at. */
const unseenCode = 1;

/**
 * Prints everything that needs a person, or may soon. Returns the exit code: 3 when something needs a person, else 1 when something could
 * not be looked at, else 0.
 */
export function listStuck(
  configuration: Configuration,
  options: { readonly olderThanMs: number; readonly json: boolean },
  print: Print,
): Promise<number> {
  return withRepairContext(configuration, options.olderThanMs, async (context) => {
    const found = await survey(context);
    print(options.json ? reportJson(found) : reportText(found));
    if (found.findings.some(({ needsPerson }) => needsPerson)) return needsPersonCode;
    return found.unseen.length > 0 ? unseenCode : 0;
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
 * Does something about one stuck thing, or about all. Returns the exit code: 0; of all also 1 when one failed or something could not be
 * looked at, and 3 when this action can do nothing for some that need a person. Throws PlainError when the thing is not there or the action makes no sense for it.
 */
export function act(configuration: Configuration, action: Action, options: ActOptions, print: Print): Promise<number> {
  return withRepairContext(configuration, options.olderThanMs, async (context) => {
    const { findings, unseen } = await survey(context);
    for (const text of unseen) print(`not looked at: ${text}`);
    const { id, dryRun, force } = options;
    if (id === undefined)
      return (await actOnAll(findings, action, dryRun, print)) || (unseen.length > 0 ? unseenCode : 0);
    const finding = findById(findings, id);
    await carryOut(finding, finding.plan(action, force), dryRun, print);
    return 0;
  });
}

type Outcome = 'done' | 'refused' | 'skipped';

async function actOnAll(findings: readonly Finding[], action: Action, dryRun: boolean, print: Print): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const finding of findings) outcomes.push(await actIfWilling(finding, action, dryRun, print));
  if (outcomes.every((outcome) => outcome === 'skipped')) print(`there is nothing to ${action}`);
  if (outcomes.includes('refused')) return 1;
  return findings.some(({ needsPerson }, at) => needsPerson && outcomes[at] === 'skipped') ? needsPersonCode : 0;
}

/** What the action makes no sense for is named and left alone. */
async function actIfWilling(finding: Finding, action: Action, dryRun: boolean, print: Print): Promise<Outcome> {
  let willing = false;
  try {
    const plan = finding.plan(action, false);
    willing = true;
    await carryOut(finding, plan, dryRun, print);
    return 'done';
  } catch (error) {
    if (!(error instanceof PlainError)) throw error;
    print(`${finding.id}: ${willing ? 'refused' : 'skipped'}: ${error.message}`);
    return willing ? 'refused' : 'skipped';
  }
}

async function carryOut(
  { id }: Finding,
  { would, carryOut: work }: Plan,
  dryRun: boolean,
  print: Print,
): Promise<void> {
  print(`${id}: ${dryRun ? 'would ' : ''}${would}`);
  if (!dryRun) print(`${id}: ${await work()}`);
}
