import type { CleanUpCall } from '../../model/clean-up.ts';
import { startCleanUp } from '../../temporal/clean-ups.ts';
import { describeExecution } from '../../temporal/executions.ts';
import { PlainError } from '../fatal.ts';
import { until } from '../process/until.ts';
import type { RepairContext } from './context.ts';
import type { Action, Plan } from './finding.ts';

export interface Removal {
  /** `port octavia-lb-…` */
  readonly what: string;
  readonly loadBalancerId: string | null;
  readonly calls: readonly CleanUpCall[];
}

const waitMs = 15_000;

/** What can be done about a thing that nobody owns: it is removed, by a clean-up of its own. Throws PlainError for all else. */
export function removalPlan(context: RepairContext, removal: Removal, action: Action): Plan {
  const { what, calls } = removal;
  if (action === 'adopt') throw new PlainError(`nobody owns ${what}, and nobody can be made to: retry removes it`);
  if (action === 'give-up')
    throw new PlainError(`nothing is at work on ${what} that could be given up: retry removes it`);
  const steps = calls.map(({ name, activity, args, taskQueue }) => {
    const where = taskQueue === undefined ? '' : ` on ${taskQueue}`;
    return `${name} (${activity} ${args.join(' ')}${where})`;
  });
  return { would: `remove ${what}: ${steps.join(', ')}`, carryOut: () => remove(context, removal) };
}

async function remove({ client, by, settings }: RepairContext, removal: Removal): Promise<string> {
  const workflowId = await startCleanUp(client, { ...removal, by, taskQueue: settings.taskQueue });
  const ended = async (): Promise<boolean> => (await describeExecution(client, workflowId))?.status !== 'RUNNING';
  const done = await until(ended, waitMs, 100);
  return done === true
    ? `${removal.what} is removed`
    : `not removed within ${waitMs / 1000} s; a clean-up goes on trying (workflow ${workflowId})`;
}
