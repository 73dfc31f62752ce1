import { randomUUID } from 'node:crypto';
import { Client, Connection, ServiceError } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { identifyNobody } from '../../api/http/noauth.ts';
import { buildServer } from '../../api/server.ts';
import { createLogger } from '../../config/log.ts';
import { loadSettings } from '../../config/settings.ts';
import type { OperationRow } from '../../db/schema.ts';
import { workflowIdOf } from '../../model/operation.ts';
import { openTemporalClient } from '../../temporal/client.ts';
import { startOptions } from '../../temporal/open.ts';
import { TemporalReader } from '../../temporal/operations.ts';
import { FakeNetwork } from '../api/support/network.ts';
import { FakeStarter } from '../api/support/starter.ts';
import { startCloud, type Cloud } from './support/cloud.ts';
import { Gate } from './support/gate.ts';
import { requestLoadBalancer } from './support/operations.ts';

const log = createLogger('test', 'silent');
const waitMs = 20_000;
const patienceMs = 3_000;

let cloud: Cloud;
/** As the API has it. */
let client: Client;
let server: FastifyInstance;

/** What machines wait for before they boot. */
let boots = new Gate();

beforeAll(async () => {
  cloud = await startCloud();
  client = openTemporalClient({ ...cloud.settings, temporalNamespace: cloud.namespace });
  const { compute } = cloud.world;
  const boot = compute.boot.bind(compute);
  Object.assign(compute, {
    boot: async (...wanted: Parameters<typeof boot>) => {
      await boots.opened;
      return boot(...wanted);
    },
  });
  const { db } = cloud.database;
  server = buildServer({
    db,
    starter: new FakeStarter(db),
    reader: new TemporalReader(client, log),
    network: new FakeNetwork(),
    identify: identifyNobody,
    settings: loadSettings({}),
    log,
  });
});
afterAll(async () => {
  boots.open();
  await server.close();
  await client.connection.close();
  await cloud.stop();
});

interface ShownStep {
  readonly name: string;
  readonly undo: boolean;
  readonly ms: number;
  readonly outcome: string;
}

async function stepsOf({ id }: OperationRow): Promise<readonly ShownStep[]> {
  const response = await server.inject({ url: `/v2/lbaas/operations/${id}` });
  return response.json<{ operation: { steps: ShownStep[] } }>().operation.steps;
}

const begin = async (operation: OperationRow, taskQueue = cloud.taskQueue) =>
  cloud.client.workflow.start(operation.kind, startOptions(operation, { taskQueue, networkDriver: 'linux' }));

const newOperation = async () => requestLoadBalancer(cloud.database.db, await cloud.newSubnet());

describe('an operation that is under way', () => {
  test('shows which step its flow is in, and the record of it holds only steps that ended', async () => {
    boots = new Gate();
    const operation = await newOperation();
    const handle = await begin(operation);
    await vi.waitFor(
      async () => {
        const steps = await stepsOf(operation);
        expect(steps.at(-1)).toMatchObject({ name: expect.stringMatching(/boot/), undo: false, outcome: 'running' });
        expect(steps.slice(0, -1).map((step) => step.outcome)).toEqual(steps.slice(0, -1).map(() => 'done'));
        expect(steps.length).toBeGreaterThan(1);
      },
      { timeout: waitMs, interval: 100 },
    );
    boots.open();
    await handle.result();
    const ended = await stepsOf(operation);
    expect(ended.length).toBeGreaterThan(3);
    expect(new Set(ended.map((step) => step.outcome))).toEqual(new Set(['done']));
  });

  test('shows the undo that it is in', async () => {
    boots = new Gate();
    const removals = new Gate();
    const { compute } = cloud.world;
    const remove = compute.delete.bind(compute);
    Object.assign(compute, { delete: (id: string) => removals.opened.then(() => remove(id)) });
    const operation = await newOperation();
    const handle = await begin(operation);
    await vi.waitFor(async () => expect((await stepsOf(operation)).at(-1)?.outcome).toBe('running'), {
      timeout: waitMs,
      interval: 100,
    });
    await handle.cancel();
    boots.open();
    await vi.waitFor(
      async () => {
        const steps = await stepsOf(operation);
        expect(steps.at(-1)).toMatchObject({ name: expect.stringMatching(/^undo: /), undo: true, outcome: 'running' });
        expect(steps.map((step) => step.outcome)).toContain('cancelled');
      },
      { timeout: waitMs, interval: 100 },
    );
    removals.open();
    await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
    expect((await stepsOf(operation)).map((step) => step.outcome)).not.toContain('running');
  });
});

describe('nothing is shown', () => {
  /** Who is the first to know nothing: we, or one who asks the same workflow and is more patient. Both have ended then. */
  async function firstToKnow(
    by: Client,
    { load_balancer_id: loadBalancerId, sequence }: OperationRow,
    steps: () => Promise<unknown>,
  ): Promise<string> {
    const workflow = by.workflow.getHandle(workflowIdOf({ loadBalancerId, sequence }));
    const patient = by.withDeadline(Date.now() + patienceMs, async () => workflow.query('steps'));
    const ours = steps().then((shown) => expect(shown).toEqual([]));
    const theirs = patient.then(
      () => 'the patient one',
      () => 'the patient one',
    );
    const first = await Promise.race([ours.then(() => 'we'), theirs]);
    // When a connection is closed while a call of it waits for its next try, that throws where nobody can catch it.
    await expect(patient).rejects.toThrow(ServiceError);
    await ours;
    return first;
  }

  test('soon, while no worker answers', async () => {
    const operation = await newOperation();
    const handle = await begin(operation, `nobody-${randomUUID()}`);
    expect(await firstToKnow(client, operation, () => stepsOf(operation))).toBe('we');
    await handle.terminate();
  });

  test('before the workflow is there', async () => {
    expect(await stepsOf(await newOperation())).toEqual([]);
  });

  test('soon, while Temporal is away', async () => {
    const connection = Connection.lazy({ address: '127.0.0.1:1' });
    const away = new Client({ connection });
    const operation = await newOperation();
    const reader = new TemporalReader(away, log);
    expect(await firstToKnow(away, operation, () => reader.steps(operation))).toBe('we');
    await connection.close();
  });
});
