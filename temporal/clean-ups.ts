/** Clean-up workflows as `weir repair` sees, tells and starts them. */
import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { CleanUpAnswer, CleanUpCall, CleanUpCommand, CleanUpOrder, CleanUpProgress } from '../model/clean-up.ts';
import { detailsOf } from '../workflows/clean-up/description.ts';
import { CleanUp, LoadBalancerId } from '../workflows/search-attributes.ts';

export interface RunningCleanUp {
  readonly workflowId: string;
  readonly loadBalancerId: string | null;
  readonly startedAt: Date;
  /** The workflow that left it; null where a person started it. */
  readonly flow: string | null;
  /** What it had to do when it began. */
  readonly left: readonly string[];
  /** Null when no worker answered. */
  readonly progress: CleanUpProgress | null;
}

const answerLimitMs = 5_000;
const query = `WorkflowType = "cleanUp" and ExecutionStatus = "Running"`;

/** All clean-ups that run, oldest first. One that was started within the last second may be missing. */
export async function runningCleanUps(client: Client): Promise<readonly RunningCleanUp[]> {
  const found: Promise<RunningCleanUp>[] = [];
  for await (const { workflowId, startTime, typedSearchAttributes, memo } of client.workflow.list({ query }))
    found.push(
      progressOf(client, workflowId).then((progress) => ({
        workflowId,
        loadBalancerId: typedSearchAttributes.get(LoadBalancerId) ?? null,
        startedAt: startTime,
        flow: typeof memo?.['flow'] === 'string' ? memo['flow'] : null,
        left: textsOf(memo?.['left']),
        progress,
      })),
    );
  return (await Promise.all(found)).toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

function progressOf(client: Client, workflowId: string): Promise<CleanUpProgress | null> {
  const handle = client.workflow.getHandle(workflowId);
  return client
    .withDeadline(Date.now() + answerLimitMs, () => handle.query<CleanUpProgress>('progress'))
    .catch(() => null);
}

/** Thrown when a clean-up does not take a command; the message says why. */
export class CommandRefused extends Error {}

/** Gives a clean-up a command and waits for what comes of it. Throws CommandRefused. */
export async function tellCleanUp(
  client: Client,
  workflowId: string,
  command: CleanUpCommand,
  order: CleanUpOrder,
): Promise<CleanUpAnswer> {
  try {
    return await client.workflow
      .getHandle(workflowId)
      .executeUpdate<CleanUpAnswer, [CleanUpOrder]>(command, { args: [order] });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new CommandRefused(error.cause instanceof Error ? error.cause.message : error.message, { cause: error });
    throw error;
  }
}

export interface NewCleanUp {
  /** What is removed, as people say it; part of the workflow's id. */
  readonly what: string;
  readonly loadBalancerId: string | null;
  readonly calls: readonly CleanUpCall[];
  readonly by: string;
  readonly taskQueue: string;
}

/** Starts the removal of something that nobody owns, as a clean-up. Returns its id. */
export async function startCleanUp(client: Client, { what, loadBalancerId, calls, by, taskQueue }: NewCleanUp) {
  const reason = `${by} had it removed, because nobody owned it`;
  const { workflowId } = await client.workflow.start('cleanUp', {
    args: [{ calls, reason }],
    taskQueue,
    workflowId: `repair/${randomUUID()}`,
    staticSummary: `remove ${what}`,
    staticDetails: detailsOf(calls, reason, '`weir repair`'),
    memo: { reason, left: calls.map(({ name }) => name) },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: CleanUp, value: 'trying' },
      ...(loadBalancerId === null ? [] : [{ key: LoadBalancerId, value: loadBalancerId }]),
    ]),
  });
  return workflowId;
}
