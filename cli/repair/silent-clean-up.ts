import { amphoraIdsOf } from '../../db/ownership.ts';
import type { RunningCleanUp } from '../../temporal/clean-ups.ts';
import { describeExecution, type Execution } from '../../temporal/executions.ts';
import { PlainError } from '../fatal.ts';
import type { RepairContext } from './context.ts';
import { cleanUpId, givenUpBy, type Finding, type Plan } from './finding.ts';

/** A clean-up of which no worker tells anything; null when it is over. All that is known of it is what it began with. */
export async function silentCleanUp(context: RepairContext, cleanUp: RunningCleanUp): Promise<Finding | null> {
  const { workflowId, loadBalancerId, startedAt, flow, left } = cleanUp;
  const execution = await describeExecution(context.client, workflowId);
  if (execution?.status !== 'RUNNING') return null;
  const why = reasonOf(execution);
  return {
    id: cleanUpId(workflowId, 0),
    section: 'clean-ups',
    what: 'clean-up',
    state: 'silent',
    needsPerson: true,
    loadBalancerId,
    since: startedAt,
    facts: [
      why,
      ...(left.length > 0 ? [`it began with: ${left.join(', ')}`] : []),
      `left by: ${flow ?? 'weir repair'}`,
      `workflow: ${workflowId}`,
    ],
    details: { workflowId, flow, broken: execution.broken, left, owns: await mayOwn(context, loadBalancerId) },
    plan: (action, force) => {
      if (action === 'give-up' && force) return termination(context, cleanUp);
      throw new PlainError(
        `clean-up ${workflowId} cannot be told anything: ${why}; start a worker that carries it on, or give up with --force, which terminates it`,
      );
    },
  };
}

/** It may be at anything of its load balancer: nothing of it is to be removed by somebody else. */
async function mayOwn({ db }: RepairContext, loadBalancerId: string | null): Promise<readonly string[]> {
  return loadBalancerId === null ? [] : [loadBalancerId, ...(await amphoraIdsOf(db, loadBalancerId))];
}

function reasonOf({ broken }: Execution): string {
  return broken === null
    ? 'no worker answers'
    : `its workflow task fails (attempt ${broken.attempt}): ${broken.failure}`;
}

function termination({ client, by }: RepairContext, { workflowId, left }: RunningCleanUp): Plan {
  const undone = left.length === 0 ? 'what it began with' : left.join(', ');
  return {
    would: `terminate the clean-up; undone may stay: ${undone} (workflow ${workflowId})`,
    carryOut: async () => {
      await client.workflow.getHandle(workflowId).terminate(givenUpBy(by));
      return `terminated; undone may stay: ${undone}; it is listed here later, or goes with its load balancer`;
    },
  };
}
