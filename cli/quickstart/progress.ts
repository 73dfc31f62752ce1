/** Shows each flow of a load balancer on the terminal while it runs, from its Temporal history. */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import type { OperationRow } from '../../db/schema.ts';
import { spoken, workflowIdOf } from '../../model/operation.ts';
import { stepsOf, type Step } from './steps.ts';

export interface ProgressOptions {
  readonly settings: Settings;
  readonly db: Db;
  readonly print: (line: string) => void;
}

export interface Progress {
  /** Shows what has not been shown yet, and ends. */
  stop(): Promise<void>;
}

const everyMs = 150;

/** Begins to show the flows of all load balancers that start from now on. */
export async function showProgress({ settings, db, print }: ProgressOptions): Promise<Progress> {
  const connection = await Connection.connect({ address: settings.temporalAddress });
  const client = new Client({ connection, namespace: settings.temporalNamespace });
  const earlier = await db.selectFrom('operation').select('id').execute();
  const over = new Set(earlier.map(({ id }) => id));
  const shown = new Map<string, number>();

  const look = async (): Promise<void> => {
    const operations = await db.selectFrom('operation').selectAll().orderBy('created_at').execute();
    for (const operation of operations.filter(({ id }) => !over.has(id))) {
      const steps = await readSteps(client, operation);
      const from = shown.get(operation.id) ?? -1;
      if (from < 0) print(`  ▸ ${spoken(operation.kind)}`);
      for (const step of steps.slice(Math.max(from, 0))) print(`      ${describe(step)}`);
      shown.set(operation.id, steps.length);
      if (isOver(operation)) {
        over.add(operation.id);
        print(
          `    ${operation.state} after ${tookMs(operation)} ms${operation.reason === null ? '' : `: ${operation.reason}`}`,
        );
      }
    }
  };

  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      // A server that restarts must not end the watching.
      await look().catch(() => undefined);
      await delay(everyMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await watching;
      await look().catch(() => undefined);
      await connection.close();
    },
  };
}

/** The steps that are over. None before the workflow has started. */
async function readSteps(client: Client, operation: OperationRow): Promise<readonly Step[]> {
  const workflowId = workflowIdOf({ loadBalancerId: operation.load_balancer_id, sequence: operation.sequence });
  try {
    return stepsOf(await client.workflow.getHandle(workflowId).fetchHistory());
  } catch {
    return [];
  }
}

function describe({ name, ok, tookMs }: Step): string {
  return `${ok ? '✓' : '✗'} ${name}${tookMs === undefined ? '' : ` (${tookMs} ms)`}`;
}

function isOver({ state }: OperationRow): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'withdrawn';
}

function tookMs(operation: OperationRow): number {
  return utc(operation.finished_at ?? operation.created_at) - utc(operation.created_at);
}

function utc(timestamp: string): number {
  return Date.parse(`${timestamp.replace(' ', 'T')}Z`);
}
