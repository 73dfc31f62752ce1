/** What failed flows left behind, which a clean-up is at. */
import {
  spokenFailure,
  type CleanUpAnswer,
  type CleanUpCall,
  type CleanUpCommand,
  type CleanUpProgress,
} from '../../model/clean-up.ts';
import { CommandRefused, runningCleanUps, tellCleanUp, type RunningCleanUp } from '../../temporal/clean-ups.ts';
import { PlainError } from '../fatal.ts';
import type { RepairContext } from './context.ts';
import { cleanUpId, spokenDuration, type Action, type Finding, type Plan } from './finding.ts';
import { silentCleanUp } from './silent-clean-up.ts';

const commandOf: Readonly<Record<Action, CleanUpCommand>> = { retry: 'retry', adopt: 'adopt', 'give-up': 'giveUp' };

/** The clean-ups that run, oldest first. */
export async function cleanUpFindings(context: RepairContext): Promise<readonly Finding[]> {
  const cleanUps = await runningCleanUps(context.client);
  const findings = await Promise.all(
    cleanUps.map(async (cleanUp) =>
      cleanUp.progress === null ? silentCleanUp(context, cleanUp) : answering(context, cleanUp, cleanUp.progress),
    ),
  );
  return findings.filter((finding) => finding !== null);
}

/** The ids of the amphorae and load balancers that clean-ups are at: those have an owner. */
export function ownedBy(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.flatMap(({ details }) => (details['owns'] as readonly string[] | undefined) ?? []));
}

function answering(context: RepairContext, cleanUp: RunningCleanUp, progress: CleanUpProgress): Finding | null {
  const call = progress.calls[progress.open - 1];
  if (call === undefined) return null;
  const { workflowId, loadBalancerId } = cleanUp;
  return {
    id: cleanUpId(workflowId, progress.open),
    section: 'clean-ups',
    what: call.name,
    state: progress.state,
    needsPerson: progress.state === 'stuck',
    loadBalancerId,
    since: new Date(progress.since),
    facts: factsOf(cleanUp, progress, call),
    details: { workflowId, flow: cleanUp.flow, ...progress, owns: progress.calls.flatMap(({ args }) => args) },
    plan: (action) => planOf(context, workflowId, progress, call, action),
  };
}

function factsOf({ flow, workflowId }: RunningCleanUp, progress: CleanUpProgress, call: CleanUpCall): string[] {
  const { tries, trying, nextTryAt, failure, calls, open, reason } = progress;
  const when =
    trying || nextTryAt === null
      ? 'being tried now'
      : `next try in ${spokenDuration(Date.parse(nextTryAt) - Date.now())}`;
  const later = calls.slice(open).map(({ name }) => name);
  const why = spokenFailure(failure);
  return [
    `${spokenCommand(call)}, tried ${tries === 1 ? 'once' : `${tries} times`}, ${when}`,
    ...(why === '' ? [] : [`why: ${why}`]),
    ...(later.length > 0 ? [`then: ${later.join(', ')}`] : []),
    `left by: ${flow ?? 'weir repair'}: ${reason}`,
    `workflow: ${workflowId}`,
  ];
}

function planOf(
  { client, by }: RepairContext,
  workflowId: string,
  { calls, open }: CleanUpProgress,
  call: CleanUpCall,
  action: Action,
): Plan {
  const what = `call ${open} of ${calls.length}, ${spokenCall(call)}`;
  const next = calls[open]?.name;
  const left = calls.slice(open - 1).map(({ name }) => name);
  const would: Readonly<Record<Action, string>> = {
    retry: `try now: ${what}`,
    adopt: `count as done without doing it: ${what}; then ${next === undefined ? 'the clean-up is over' : `go on with “${next}”`}`,
    'give-up': `end the clean-up as failed; undone would stay: ${left.join(', ')}`,
  };
  return {
    would: `${would[action]} (workflow ${workflowId})`,
    carryOut: async () => {
      try {
        return spokenAnswer(await tellCleanUp(client, workflowId, commandOf[action], { call: open, by }), action);
      } catch (error) {
        if (error instanceof CommandRefused) throw new PlainError(error.message, { cause: error });
        throw error;
      }
    },
  };
}

function spokenAnswer({ outcome, call, failure, left }: CleanUpAnswer, action: Action): string {
  const rest = left.length === 0 ? 'nothing is left' : `still to do: ${left.join(', ')}`;
  const meanwhile = action === 'retry' ? 'is done' : 'was done by a try that was under way';
  const texts: Readonly<Record<CleanUpAnswer['outcome'], string>> = {
    done: `“${call}” ${meanwhile}; ${rest}`,
    failed: `“${call}” failed again: ${failure}; it goes on trying`,
    adopted: `“${call}” counts as done; ${rest}`,
    'given up': `given up; undone stays: ${left.join(', ')}`,
  };
  return texts[outcome];
}

const spokenCommand = ({ activity, args, taskQueue }: CleanUpCall): string =>
  `${[activity, ...args].join(' ')}${taskQueue === undefined ? '' : ` on ${taskQueue}`}`;

const spokenCall = (call: CleanUpCall): string => `“${call.name}” (${spokenCommand(call)})`;
