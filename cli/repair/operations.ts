/** Operations that take too long. */
import type { Client } from '@temporalio/client';
import { failOperation } from '../../db/lifecycle/fail.ts';
import { reopenOperation } from '../../db/lifecycle/sweep.ts';
import { openOperations } from '../../db/ownership.ts';
import type { OperationRow } from '../../db/schema.ts';
import { spoken, workflowIdOf } from '../../model/operation.ts';
import { cancelFor, currentStep, describeExecution, resetStep, type Execution } from '../../temporal/executions.ts';
import { PlainError } from '../fatal.ts';
import { until } from '../process/until.ts';
import type { RepairContext } from './context.ts';
import { databaseTime, givenUpBy, shortId, spokenDuration, type Action, type Finding, type Plan } from './finding.ts';

/** An operation that is open, with what its workflow is at; null where Temporal has no such workflow. */
interface Open {
  readonly operation: OperationRow;
  readonly execution: Execution | null;
  readonly workflowId: string;
}

/** Operations that are open for longer than they should be, oldest first. */
export async function operationFindings(context: RepairContext): Promise<readonly Finding[]> {
  const operations = await openOperations(context.db, context.olderThanMs);
  return Promise.all(
    operations.map(async (operation) => {
      const workflowId = workflowIdOf({ loadBalancerId: operation.load_balancer_id, sequence: operation.sequence });
      const execution = await describeExecution(context.client, workflowId);
      const step = execution?.status === 'RUNNING' ? await currentStep(context.client, workflowId) : null;
      return findingOf(context, { operation, execution, workflowId }, step);
    }),
  );
}

function findingOf(context: RepairContext, open: Open, step: string | null): Finding {
  const { operation, execution, workflowId } = open;
  const state = execution === null ? `${operation.state}, no workflow` : execution.status.toLowerCase();
  return {
    id: shortId('o', operation.id),
    section: 'operations',
    what: spoken(operation.kind),
    state: execution?.broken == null ? state : 'broken',
    needsPerson: true,
    loadBalancerId: operation.load_balancer_id,
    since: databaseTime(operation.created_at),
    facts: factsOf(open, step),
    details: {
      operationId: operation.id,
      workflowId,
      kind: operation.kind,
      operationState: operation.state,
      execution,
      step,
    },
    plan: (action, force) => plans[action](context, open, force),
  };
}

function factsOf({ execution, workflowId, operation }: Open, step: string | null): string[] {
  if (execution === null)
    return [
      operation.state === 'accepted'
        ? 'no workflow has taken it: the relay of `weir worker` starts it while a worker and Temporal are there'
        : 'its workflow is gone: the sweeper of `weir worker` has it started anew',
    ];
  const { steps, broken } = execution;
  return [
    ...(broken === null ? [] : [`its workflow task fails (attempt ${broken.attempt}): ${broken.failure}`]),
    ...(step === null ? [] : [`step: ${step}`]),
    ...steps.map(({ activity, attempt, failure, nextTryAt }) =>
      [
        `${activity}, attempt ${attempt}`,
        ...(nextTryAt === null ? [] : [`next try in ${spokenDuration(nextTryAt.getTime() - Date.now())}`]),
        ...(failure === null ? [] : [`why: ${failure}`]),
      ].join(', '),
    ),
    `workflow: ${workflowId}`,
  ];
}

type Planner = (context: RepairContext, open: Open, force: boolean) => Plan;

const retry: Planner = ({ client, db }, { operation, execution, workflowId }) => {
  if (execution === null) {
    if (operation.state === 'accepted')
      throw new PlainError(`nothing to retry: no workflow has taken the operation yet; see that a weir worker runs`);
    return {
      would: `put operation ${operation.id} back into the outbox, from where the relay starts its workflow`,
      carryOut: async () => {
        await reopenOperation(db, operation.id);
        return 'the relay starts it';
      },
    };
  }
  const { steps, broken } = execution;
  if (steps.length === 0)
    throw new PlainError(
      broken === null
        ? `nothing to retry: workflow ${workflowId} waits for no step`
        : `nothing to retry: Temporal itself tries the workflow task again; start a worker that can carry it on, or give up with --force`,
    );
  const names = steps.map(({ activity, attempt }) => `${activity} (attempt ${attempt})`).join(', ');
  return {
    would: `have tried now, from the first attempt on: ${names} (workflow ${workflowId})`,
    carryOut: async () => {
      for (const step of steps) await resetStep(client, execution, step);
      return `${names}: tried anew`;
    },
  };
};

const adopt: Planner = () => {
  throw new PlainError('an operation cannot be adopted: retry its step, or give it up, which takes back what it did');
};

const giveUp: Planner = (context, open, force) => {
  if (open.execution?.status !== 'RUNNING') return closing(context, open.operation, 'its workflow is not there');
  return force ? termination(context, open) : cancellation(context, open.execution);
};

/** A workflow whose task fails hears of no cancellation. */
function cancellation({ client, by }: RepairContext, { workflowId, broken }: Execution): Plan {
  if (broken !== null)
    throw new PlainError(
      `workflow ${workflowId} cannot be cancelled: its workflow task fails (attempt ${broken.attempt}): ${broken.failure}; start a worker that can carry it on, or give up with --force, which takes nothing back`,
    );
  return {
    would: `cancel workflow ${workflowId}: it takes back what it did and ends the operation as failed`,
    carryOut: async () => {
      await cancelFor(client, workflowId, givenUpBy(by));
      return `cancelled; ${await endingOf(client, workflowId)}`;
    },
  };
}

function termination(context: RepairContext, { operation, workflowId }: Open): Plan {
  const { would, carryOut } = closing(context, operation, 'its workflow was terminated');
  return {
    would: `terminate workflow ${workflowId}, which takes nothing back, and ${would}`,
    carryOut: async () => {
      await context.client.workflow.getHandle(workflowId).terminate(givenUpBy(context.by));
      return `terminated; ${await carryOut()}; what it left is removed with the load balancer, or listed here later`;
    },
  };
}

const plans: Readonly<Record<Action, Planner>> = { retry, adopt, 'give-up': giveUp };

/** Ends the operation as failed where no workflow will. */
function closing({ db, by }: RepairContext, { id }: OperationRow, why: string): Plan {
  const reason = `${givenUpBy(by)}: ${why}`;
  return {
    would: `end operation ${id} as failed: “${reason}”`,
    carryOut: async () => {
      await failOperation(db, id, { reason, causes: [{ type: 'GivenUp', message: reason }], steps: [] });
      return 'the operation has failed';
    },
  };
}

const endingLimitMs = 30_000;

async function endingOf(client: Client, workflowId: string): Promise<string> {
  const ended = async (): Promise<string | undefined> => {
    const execution = await describeExecution(client, workflowId);
    return execution?.status === 'RUNNING' ? undefined : (execution?.status.toLowerCase() ?? 'gone');
  };
  const status = await until(ended, endingLimitMs, 200);
  return status === undefined ? 'it is still taking back what it did' : `its workflow has ended as ${status}`;
}
