import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PlainError } from '../../cli/fatal.ts';
import { linuxNetwork } from '../../drivers/network/linux.ts';
import { workflowIdOf } from '../../model/operation.ts';
import { startOptions } from '../../temporal/open.ts';
import type { Cloud } from '../flows/support/cloud.ts';
import { requestLoadBalancer, requestOf } from '../flows/support/operations.ts';
import { run } from '../flows/support/run.ts';
import { leftovers } from '../flows/support/slate.ts';
import { statusOf } from '../flows/support/statuses.ts';
import { lostMachine, stuckCreation, untilTrue } from '../flows/support/stuck.ts';
import { anything } from '../flows/support/trouble.ts';
import { cloudOfItsOwn, configurationOf, Repair } from './support/repair.ts';

let cloud: Cloud;
let repair: Repair;
beforeAll(async () => {
  cloud = await cloudOfItsOwn();
  repair = new Repair(configurationOf(cloud));
});
afterEach(() => cloud.world.troubles.endAll());
afterAll(() => cloud.stop());

it.each([
  ['that is down', (url: URL) => ((url.port = '1'), url), /127\.0\.0\.1:1 \(WEIR_DATABASE_URL\): connect ECONNREFUSED/],
  ['with another password', (url: URL) => ((url.password = 'wrong'), url), /\(WEIR_DATABASE_URL\): password auth/],
])('weir repair names a database %s', async (_, change, words) => {
  const url = change(new URL(cloud.database.url)).toString();
  const elsewhere = new Repair(configurationOf(cloud, { databaseUrl: url }));
  await expect(elsewhere.listed()).rejects.toThrow(PlainError);
  await expect(elsewhere.listed()).rejects.toThrow(words);
});

describe('weir repair, of clean-ups', () => {
  it('lists one that is stuck, with what it tries, how often and why not', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const finding = await repair.only(loadBalancerId, 'stuck');
    expect(finding).toMatchObject({ section: 'clean-ups', what: 'undo: boot standalone', needsPerson: true });
    expect(finding.loadBalancer).toEqual({ id: loadBalancerId, name: 'web' });
    expect(finding.facts).toEqual([
      expect.stringMatching(/^deleteCompute [0-9a-f-]{36} on weir-.*, tried (?:once|\d+ times), /),
      'why: ComputeFailed: the cloud lost the machine',
      'then: undo: create VRRP port of standalone, undo: register standalone amphora, undo: allocate VIP',
      expect.stringMatching(/^left by: lb\/.*: .*injected into bootAmphora/),
      `workflow: ${handle.workflowId}`,
    ]);
    expect((await repair.listed()).code).toBe(3);
    const text = await repair.printed();
    expect(text).toContain(`${finding.id}  stuck`);
    expect(text).toContain('1 thing needs a person');
    await repair.tell('give-up', finding.id);
  });

  it('changes nothing in a dry run, and says exactly what it would do', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const { id } = await repair.only(loadBalancerId, 'stuck');
    const before = await handle.fetchHistory();
    const call = String.raw`call 1 of 4, “undo: boot standalone” \(deleteCompute [0-9a-f-]{36} on weir-[0-9a-f-]{36}\)`;
    expect(await repair.tell('retry', id, { dryRun: true })).toMatch(new RegExp(`^${id}: would try now: ${call}`));
    expect(await repair.tell('adopt', id, { dryRun: true })).toMatch(
      new RegExp(`^${id}: would count as done without doing it: ${call}; then go on with “undo: create VRRP port`),
    );
    expect(await repair.tell('give-up', id, { dryRun: true })).toMatch(
      /would end the clean-up as failed; undone would stay: undo: boot standalone, undo: create VRRP port of standalone, /,
    );
    const updates = (history: typeof before): number =>
      history.events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null).length ?? 0;
    expect(updates(await handle.fetchHistory())).toBe(updates(before));
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await repair.tell('give-up', id);
  });

  it('has it tried at once, and says how that went', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const { id } = await repair.only(loadBalancerId, 'stuck');
    expect(await repair.tell('retry', id)).toContain('“undo: boot standalone” failed again: ');
    cloud.world.troubles.endAll();
    expect(await repair.tell('retry', id)).toContain('“undo: boot standalone” is done; still to do: ');
    await handle.result();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('adopts the open call, and refuses what is said of it later', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    cloud.world.troubles.order('network.portsOf', anything, { how: 'refuse', error: lostMachine });
    const { id } = await repair.only(loadBalancerId, 'stuck');
    expect(await repair.tell('adopt', id)).toContain(
      '“undo: boot standalone” counts as done; still to do: undo: create VRRP',
    );
    await expect(repair.tell('adopt', id)).rejects.toThrow(
      /^call 1 of clean-up c-[0-9a-f]{8} is not open: open is c-.*\.2, /,
    );
    cloud.world.troubles.endAll();
    await handle.result();
    await expect(repair.tell('adopt', id)).rejects.toThrow(/^there is no c-[0-9a-f]{8}\.1: it is over/);
    const [machine = ''] = await leftovers(cloud, loadBalancerId);
    expect(machine).toMatch(/^machine /);

    const finding = (await repair.listed()).findings.find(({ what }) => what === machine);
    if (finding === undefined) throw new Error('the machine that was kept is not listed');
    expect(await repair.tell('retry', finding.id)).toContain(`${machine} is removed`);
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('gives up, after which what is left is listed and can be removed', async () => {
    const { loadBalancerId } = await stuckCreation(cloud);
    const { id } = await repair.only(loadBalancerId, 'stuck');
    expect(await repair.tell('give-up', id)).toContain('given up; undone stays: undo: boot standalone, ');
    cloud.world.troubles.endAll();
    const amphora = await repair.only(loadBalancerId, 'BOOTING');
    await expect(repair.tell('adopt', amphora.id)).rejects.toThrow('nobody owns');
    expect(await repair.tell('retry', amphora.id)).toContain('is removed');
    expect(await leftovers(cloud, loadBalancerId)).toEqual(expect.arrayContaining(['VIP port', 'security group']));
    const { failure } = await run(cloud, await requestOf(cloud.database.db, 'deleteLoadBalancer', loadBalancerId));
    expect(failure).toBeNull();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });
});

describe('weir repair, of operations', () => {
  it('shows the step that fails, and has it tried at once or cancels the flow', async () => {
    const refuseBoots = (why: string): (() => void) =>
      cloud.world.troubles.order('compute.boot', anything, { how: 'refuse', error: new Error(why) });
    const end = refuseBoots('the cloud is away');
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const { load_balancer_id: loadBalancerId } = operation;
    // Its next try is an hour away: only the person has it tried, and ends it.
    const patient = { computeMaxRetries: 1_000, computeRetryIntervalSec: 3_600 };
    const options = startOptions(operation, { taskQueue: cloud.taskQueue, networkDriver: 'linux', ...patient });
    await cloud.client.workflow.start(operation.kind, options);
    const says = (fact: RegExp) => (): Promise<boolean> =>
      repair.only(loadBalancerId, 'running').then(({ facts }) => facts.some((text) => fact.test(text)));
    const waits = (why: string) => says(new RegExp(`^bootAmphora, attempt 2, next try in \\d+ min, why: ${why}$`));
    await untilTrue('it waits for its second try', waits('the cloud is away'));
    // Unlike the try, the step is told by a worker, which may be slow to answer.
    await untilTrue('the step is shown', says(/^step: boot standalone$/));
    const finding = await repair.only(loadBalancerId, 'running');
    expect(finding).toMatchObject({ section: 'operations', what: 'create load balancer', needsPerson: true });
    await expect(repair.tell('adopt', finding.id)).rejects.toThrow('an operation cannot be adopted');
    end();
    refuseBoots('the cloud is still away');
    expect(await repair.tell('retry', finding.id)).toContain('tried anew');
    // It was tried at once, and as if for the first time: the next try is the second again.
    await untilTrue('it was tried', waits('the cloud is still away'));

    expect(await repair.tell('give-up', finding.id, { dryRun: true })).toContain(
      `would cancel workflow ${options.workflowId}`,
    );
    expect(await repair.tell('give-up', finding.id)).toContain('cancelled; its workflow has ended as cancelled');
    const { events } = await cloud.client.workflow.getHandle(options.workflowId).fetchHistory();
    const cancelled = events?.find((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
    expect(cancelled?.workflowExecutionCancelRequestedEventAttributes?.cause).toMatch(
      /^given up by .+@.+ with weir repair$/,
    );
    expect(await statusOf(cloud, loadBalancerId)).toBe('ERROR');
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('terminates a flow that does not even cancel, and fails its operation with the reason', async () => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const { load_balancer_id: loadBalancerId, sequence } = operation;
    const nobody = startOptions(operation, { taskQueue: `nobody-${randomUUID()}`, networkDriver: 'linux' });
    await cloud.client.workflow.start(operation.kind, nobody);
    const { id } = await repair.only(loadBalancerId, 'running');
    await expect(repair.tell('retry', id)).rejects.toThrow('waits for no step');
    const workflowId = workflowIdOf({ loadBalancerId, sequence });
    expect(await repair.tell('give-up', id, { force: true })).toContain(`terminate workflow ${workflowId}`);
    const row = await cloud.database.db
      .selectFrom('operation')
      .select(['state', 'reason'])
      .where('id', '=', operation.id)
      .executeTakeFirstOrThrow();
    expect(row.state).toBe('failed');
    expect(row.reason).toMatch(/^given up by .* with weir repair: its workflow was terminated$/);
    expect((await repair.listed(loadBalancerId)).findings).toEqual([]);
  });
});

describe('weir repair, of what nobody owns', () => {
  it('removes ports and groups whose load balancer is gone, but not those of one that has an operation', async () => {
    const { db } = cloud.database;
    const operation = await requestLoadBalancer(db, await cloud.newSubnet());
    const { load_balancer_id: loadBalancerId } = operation;
    const network = linuxNetwork(db);
    const lost = randomUUID();
    const vip = {
      projectId: 'project',
      portId: null,
      networkId: null,
      address: null,
      additional: [],
      securityGroupIds: [],
    };
    for (const id of [loadBalancerId, lost])
      await network.allocateVip({ ...vip, loadBalancerId: id, subnetId: await cloud.newSubnet() });

    const { findings } = await repair.listed();
    const mine = findings.filter(({ what }) => what.includes(lost));
    expect(mine.map(({ what }) => what)).toEqual([`port octavia-lb-${lost}`, `security group lb-${lost}`]);
    expect(findings.filter(({ what }) => what.includes(loadBalancerId))).toEqual([]);

    expect(await repair.tell('retry', mine[0]?.id, { dryRun: true })).toContain('would remove port octavia-lb-');
    expect(await leftovers(cloud, lost)).toEqual(['VIP port', 'security group']);
    expect(await repair.tell('retry', mine[0]?.id)).toContain('is removed');
    expect(await leftovers(cloud, lost)).toEqual([]);
    await run(cloud, operation);
  });

  it('puts a load balancer that is PENDING without an operation in ERROR', async () => {
    const { db } = cloud.database;
    const { id } = await db
      .insertInto('load_balancer')
      .values({
        project_id: 'project',
        provisioning_status: 'PENDING_UPDATE',
        operating_status: 'OFFLINE',
        topology: 'SINGLE',
        provider: 'amphora',
        vip_ready: true,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const finding = await repair.only(id, 'PENDING');
    await expect(repair.tell('give-up', finding.id)).rejects.toThrow('retry puts it in ERROR');
    expect(await repair.tell('retry', finding.id)).toContain('is in ERROR');
    expect(await statusOf(cloud, id)).toBe('ERROR');
  });

  it('does with --all whatever makes sense, and then needs nobody', async () => {
    const { db } = cloud.database;
    const network = linuxNetwork(db);
    const vip = {
      projectId: 'project',
      portId: null,
      networkId: null,
      address: null,
      additional: [],
      securityGroupIds: [],
    };
    for (const loadBalancerId of [randomUUID(), randomUUID()])
      await network.allocateVip({ ...vip, loadBalancerId, subnetId: await cloud.newSubnet() });
    cloud.world.machines.set(`machine-${randomUUID()}`, { loadBalancerId: 'none', ports: new Set() });
    expect((await repair.listed()).code).toBe(3);
    await repair.tell('retry', undefined);
    const { code, findings } = await repair.listed();
    expect(findings).toEqual([]);
    expect(code).toBe(0);
  });
});
