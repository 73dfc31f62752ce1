import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Child } from '../support/child.ts';
import { drain, Processes } from './support/processes.ts';
import { eventually } from './support/fleet.ts';

/** What a worker that drains may take besides its grace time, ms (cli/up/stack.ts gives it as much before it kills). */
const endingMs = 5_000;

describe('a worker that is told to stop', () => {
  let weir: Processes;
  let id: string;
  beforeAll(async () => {
    weir = await Processes.open();
    const first = await weir.worker(5);
    id = await weir.loadBalancer();
    await drain(first);
  });
  afterAll(() => weir.stop());

  /** Keeps everyone from reading a table until `work` is done. */
  async function withLocked<T>(table: string, work: (release: () => void) => Promise<T>): Promise<T> {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let lock: () => void = () => undefined;
    const locked = new Promise<void>((resolve) => (lock = resolve));
    const holding = weir.database.db.transaction().execute(async (tx) => {
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
      await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(tx);
      lock();
      await released;
    });
    await locked;
    try {
      return await work(release);
    } finally {
      release();
      await holding;
    }
  }

  /** How many workers' steps wait for a lock. */
  async function held(): Promise<number> {
    const { rows } = await sql<{ count: string }>`select count(*) from pg_stat_activity
      where datname = current_database() and application_name = 'weir worker'
      and wait_event_type = 'Lock'`.execute(weir.database.db);
    return Number(rows[0]?.count);
  }

  /** How the newest operation pushed the configuration: which try, by whom, and how the try before it failed. */
  async function lastPush(): Promise<{ attempt: number; identity: string; before: string | undefined }> {
    const { sequence } = await weir.database.db
      .selectFrom('operation')
      .select('sequence')
      .where('load_balancer_id', '=', id)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    const { events } = await weir.client.workflow.getHandle(`lb/${id}/${sequence}`).fetchHistory();
    const started = events?.flatMap(({ activityTaskStartedEventAttributes: at }) => (at ? [at] : [])) ?? [];
    const last = started.at(-1);
    if (last === undefined) throw new Error(`no step of operation ${sequence} was started`);
    const before = last.lastFailure?.applicationFailureInfo?.type ?? undefined;
    return { attempt: last.attempt ?? 0, identity: last.identity ?? '', before };
  }

  /** Its first step is an activity that reads the amphorae. */
  const addPool = () =>
    weir.request('POST', 'pools', {
      pool: { loadbalancer_id: id, protocol: 'HTTP', lb_algorithm: 'ROUND_ROBIN' },
    });
  /** Its first step is a local activity that does. */
  const rename = () => weir.request('PUT', `loadbalancers/${id}`, { loadbalancer: { name: 'renamed' } });
  const active = () => eventually(async () => (await weir.statusOf(id)) === 'ACTIVE');

  test('lets its step finish and ends with code 0', async () => {
    const worker = await weir.worker(20);
    const ending = await withLocked('amphora', async (release) => {
      await addPool();
      await eventually(async () => (await held()) > 0);
      return drain(worker, async () => {
        await eventually(() => worker.output().includes('told to stop'));
        release();
      });
    });
    expect(ending.code).toBe(0);
    const next = await weir.worker(5);
    await active();
    const push = await lastPush();
    expect(push).toMatchObject({ attempt: 1 });
    expect(push.identity).toContain(String(worker.process.pid));
    await drain(next);
  });

  test('hands a step that needs longer to another worker, and ends in time with code 0', async () => {
    const worker = await weir.worker(1);
    let next: Child | undefined;
    const ending = await withLocked('amphora', async () => {
      await addPool();
      await eventually(async () => (await held()) > 0);
      const ending = await drain(worker);
      next = await weir.worker(5);
      await eventually(async () => (await held()) > 0);
      return ending;
    });
    await active();
    expect(ending.code).toBe(0);
    expect(ending.ms).toBeLessThan(1_000 + endingMs + ending.latenessMs);
    expect(await lastPush()).toMatchObject({ attempt: 2, before: 'WorkerShutdown' });
    if (next !== undefined) await drain(next);
  });

  test('leaves a local step that needs longer to another worker, and ends in time with code 0', async () => {
    const worker = await weir.worker(1);
    const ending = await withLocked('amphora', async () => {
      await rename();
      await eventually(async () => (await held()) > 0);
      return drain(worker);
    });
    await weir.worker(5);
    await active();
    expect(ending.code).toBe(0);
    expect(ending.ms).toBeLessThan(1_000 + endingMs + ending.latenessMs);
  });
});
