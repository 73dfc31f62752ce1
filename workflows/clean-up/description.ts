/** A clean-up in words, for the Temporal UI. Markdown, for operators who do not know the code. */
import { spokenFailure, type CleanUpCall, type CleanUpProgress } from '../../model/clean-up.ts';
import { quoted } from '../../model/markdown.ts';
import { spoken, type OperationKind } from '../../model/operation.ts';

/** `cleanUp` of `createLoadBalancer` is the clean-up after `create load balancer`. */
export function summaryOf(workflowType: string, loadBalancerId: string | undefined): string {
  return `clean up after ${spoken(workflowType as OperationKind)}${loadBalancerId === undefined ? '' : ` ${loadBalancerId}`}`;
}

/** What a clean-up is, why there is one, and what one can do: what stays true while it runs. */
export function detailsOf(calls: readonly CleanUpCall[], reason: string, left: string): string {
  return [
    'A flow could not take away everything that it had to. It did not wait: this workflow keeps trying until nothing is left.',
    '**What to do**: nothing while the search attribute `CleanUp` is `trying`. When it is `stuck`, see the current details for the ' +
      'reason and mend that; the next try then ends it. `weir repair` lists it, and `weir repair retry`, `adopt` or `give-up` tell it what to do.',
    `**The flow**: ${left}`,
    `**Why there is something left**: ${quoted(reason)}`,
    `**What it left, in the order in which it is removed**:`,
    calls.map(numbered).join('\n'),
  ].join('\n\n');
}

/** How far it is. */
export function describeEffort(progress: CleanUpProgress): string {
  const { calls, open, state, tries, failure, since } = progress;
  const call = calls[open - 1];
  if (call === undefined) return '**done**: nothing is left';
  const why = spokenFailure(failure);
  if (state === 'given up') return `**given up** at ${open} of ${calls.length}: **${call.name}**\n\n${quoted(why)}`;
  return [
    `**${state}** at ${open} of ${calls.length}: **${call.name}**, open since ${clock(since)}, tried ${times(tries)}, ${nowOf(progress)}`,
    ...(why === '' ? [] : [`**Why the last try failed**: ${quoted(why)}`]),
  ].join('\n\n');
}

function nowOf({ waitsForHost, trying, nextTryAt }: CleanUpProgress): string {
  if (waitsForHost === true) return 'waits for its host, which is down';
  return trying || nextTryAt === null ? 'being tried now' : `next try at ${clock(nextTryAt)}`;
}

function numbered({ name, activity, args, taskQueue }: CleanUpCall, index: number): string {
  const where = taskQueue === undefined ? '' : ` on \`${taskQueue}\``;
  return `${index + 1}. ${name} (\`${activity} ${args.join(' ')}\`${where})`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** `2026-11-21 15:04:05 UTC` of ISO 8601. */
const clock = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;
