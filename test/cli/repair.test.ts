import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { act, listStuck, type ActOptions } from '../../cli/repair/repair.ts';
import type { Configuration } from '../../cli/options.ts';
import { loadSettings, type Settings } from '../../config/settings.ts';
import { linuxNetwork } from '../../drivers/network/linux.ts';
import { workflowIdOf } from '../../model/operation.ts';
import { startOptions } from '../../temporal/open.ts';
import { startCloud, type Cloud } from '../flows/support/cloud.ts';
import { requestLoadBalancer, requestOf } from '../flows/support/operations.ts';
import { run } from '../flows/support/run.ts';
import { leftovers } from '../flows/support/slate.ts';
import { statusOf } from '../flows/support/statuses.ts';
import { lostMachine, stuckCreation, untilTrue } from '../flows/support/stuck.ts';
import { anything } from '../flows/support/trouble.ts';
import { testTemporal } from '../support/temporal.ts';

let cloud: Cloud;
let configuration: Configuration;
beforeAll(async () => {
  cloud = await startCloud();
  const { address, namespace } = await testTemporal();
  const own: Partial<Settings> = {
    databaseUrl: cloud.database.url,
    temporalAddress: address,
    temporalNamespace: namespace,
    taskQueue: cloud.taskQueue,
    computeDriver: 'noop',
  };
  configuration = { settings: loadSettings({}, own), given: (name) => name in own };
});
afterEach(() => cloud.world.troubles.endAll());
afterAll(() => cloud.stop());

interface Listed {
  readonly code: number;
  readonly findings: readonly {
    readonly id: string;
    readonly section: string;
    readonly what: string;
    readonly state: string;
    readonly needsPerson: boolean;
    readonly facts: readonly string[];
    readonly loadBalancer: { readonly id: string; readonly name: string | null } | null;
    readonly details: Readonly<Record<string, unknown>>;
  }[];
}

/** What `weir repair --json --older-than 0s` says of a load balancer. */
async function listed(loadBalancerId?: string): Promise<Listed> {
  const lines: string[] = [];
  const code = await listStuck(configuration, { olderThanMs: 0, json: true }, (line) => lines.push(line));
  const { findings } = JSON.parse(lines.join('\n')) as Listed;
  return {
    code,
    findings: findings.filter(
      ({ loadBalancer }) => loadBalancerId === undefined || loadBalancer?.id === loadBalancerId,
    ),
  };
}

async function only(loadBalancerId: string, state: string): Promise<Listed['findings'][number]> {
  let found: Listed['findings'][number] | undefined;
  await untilTrue(`one ${state} thing of ${loadBalancerId} is listed`, async () => {
    const { findings } = await listed(loadBalancerId);
    found = findings.length === 1 ? findings[0] : undefined;
    return found?.state === state;
  });
  if (found === undefined) throw new Error('nothing was found');
  return found;
}

async function tell(
  action: 'retry' | 'adopt' | 'give-up',
  id: string | undefined,
  options: Partial<ActOptions> = {},
): Promise<string> {
  const lines: string[] = [];
  const all = { olderThanMs: 0, id, dryRun: false, force: false, ...options };
  await act(configuration, action, all, (line) => lines.push(line));
  return lines.join('\n');
}

describe('weir repair, of clean-ups', () => {
  it('lists one that is stuck, with what it tries, how often and why not', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const finding = await only(loadBalancerId, 'stuck');
    expect(finding).toMatchObject({ section: 'clean-ups', what: 'undo: boot standalone', needsPerson: true });
    expect(finding.loadBalancer).toEqual({ id: loadBalancerId, name: 'web' });
    expect(finding.facts).toEqual([
      expect.stringMatching(/^deleteCompute [0-9a-f-]{36} on weir-.*, tried (?:once|\d+ times), /),
      'why: ComputeFailed: the cloud lost the machine',
      'then: undo: create VRRP port of standalone, undo: register standalone amphora, undo: allocate VIP',
      expect.stringMatching(/^left by: lb\/.*: .*injected into bootAmphora/),
      `workflow: ${handle.workflowId}`,
    ]);
    expect((await listed()).code).toBe(3);
    const text: string[] = [];
    await listStuck(configuration, { olderThanMs: 0, json: false }, (line) => text.push(line));
    expect(text.join('\n')).toContain(`${finding.id}  stuck`);
    expect(text.join('\n')).toContain('1 thing needs a person');
    await tell('give-up', finding.id);
  });

  it('changes nothing in a dry run, and says exactly what it would do', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const { id } = await only(loadBalancerId, 'stuck');
    const before = await handle.fetchHistory();
    const call = String.raw`call 1 of 4, “undo: boot standalone” \(deleteCompute [0-9a-f-]{36} on weir-[0-9a-f-]{36}\)`;
    expect(await tell('retry', id, { dryRun: true })).toMatch(new RegExp(`^${id}: would try now: ${call}`));
    expect(await tell('adopt', id, { dryRun: true })).toMatch(
      new RegExp(`^${id}: would count as done without doing it: ${call}; then go on with “undo: create VRRP port`),
    );
    expect(await tell('give-up', id, { dryRun: true })).toMatch(
      /would end the clean-up as failed; undone would stay: undo: boot standalone, undo: create VRRP port of standalone, /,
    );
    const updates = (history: typeof before): number =>
      history.events?.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null).length ?? 0;
    expect(updates(await handle.fetchHistory())).toBe(updates(before));
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await tell('give-up', id);
  });

  it('has it tried at once, and says how that went', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    const { id } = await only(loadBalancerId, 'stuck');
    expect(await tell('retry', id)).toContain('“undo: boot standalone” failed again: ');
    cloud.world.troubles.endAll();
    expect(await tell('retry', id)).toContain('“undo: boot standalone” is done; still to do: ');
    await handle.result();
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('adopts the open call, and refuses what is said of it later', async () => {
    const { loadBalancerId, handle } = await stuckCreation(cloud);
    cloud.world.troubles.order('network.portsOf', anything, { how: 'refuse', error: lostMachine });
    const { id } = await only(loadBalancerId, 'stuck');
    expect(await tell('adopt', id)).toContain('“undo: boot standalone” counts as done; still to do: undo: create VRRP');
    await expect(tell('adopt', id)).rejects.toThrow(/^call 1 of clean-up c-[0-9a-f]{8} is not open: open is c-.*\.2, /);
    cloud.world.troubles.endAll();
    await handle.result();
    await expect(tell('adopt', id)).rejects.toThrow(/^there is no c-[0-9a-f]{8}\.1: it is over/);
    const [machine = ''] = await leftovers(cloud, loadBalancerId);
    expect(machine).toMatch(/^machine /);

    const finding = (await listed()).findings.find(({ what }) => what === machine);
    if (finding === undefined) throw new Error('the machine that was kept is not listed');
    expect(await tell('retry', finding.id)).toContain(`${machine} is removed`);
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('gives up, after which what is left is listed and can be removed', async () => {
    const { loadBalancerId } = await stuckCreation(cloud);
    const { id } = await only(loadBalancerId, 'stuck');
    expect(await tell('give-up', id)).toContain('given up; undone stays: undo: boot standalone, ');
    cloud.world.troubles.endAll();
    const amphora = await only(loadBalancerId, 'BOOTING');
    await expect(tell('adopt', amphora.id)).rejects.toThrow('nobody owns');
    expect(await tell('retry', amphora.id)).toContain('is removed');
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
      only(loadBalancerId, 'running').then(({ facts }) => facts.some((text) => fact.test(text)));
    const waits = (why: string) => says(new RegExp(`^bootAmphora, attempt 2, next try in \\d+ min, why: ${why}$`));
    await untilTrue('it waits for its second try', waits('the cloud is away'));
    // Unlike the try, the step is told by a worker, which may be slow to answer.
    await untilTrue('the step is shown', says(/^step: boot standalone$/));
    const finding = await only(loadBalancerId, 'running');
    expect(finding).toMatchObject({ section: 'operations', what: 'create load balancer', needsPerson: true });
    await expect(tell('adopt', finding.id)).rejects.toThrow('an operation cannot be adopted');
    end();
    refuseBoots('the cloud is still away');
    expect(await tell('retry', finding.id)).toContain('tried anew');
    // It was tried at once, and as if for the first time: the next try is the second again.
    await untilTrue('it was tried', waits('the cloud is still away'));

    expect(await tell('give-up', finding.id, { dryRun: true })).toContain(
      `would cancel workflow ${options.workflowId}`,
    );
    expect(await tell('give-up', finding.id)).toContain('cancelled; its workflow has ended as cancelled');
    expect(await statusOf(cloud, loadBalancerId)).toBe('ERROR');
    expect(await leftovers(cloud, loadBalancerId)).toEqual([]);
  });

  it('terminates a flow that does not even cancel, and fails its operation with the reason', async () => {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const { load_balancer_id: loadBalancerId, sequence } = operation;
    const nobody = startOptions(operation, { taskQueue: `nobody-${randomUUID()}`, networkDriver: 'linux' });
    await cloud.client.workflow.start(operation.kind, nobody);
    const { id } = await only(loadBalancerId, 'running');
    await expect(tell('retry', id)).rejects.toThrow('waits for no step');
    const workflowId = workflowIdOf({ loadBalancerId, sequence });
    expect(await tell('give-up', id, { force: true })).toContain(`terminate workflow ${workflowId}`);
    const row = await cloud.database.db
      .selectFrom('operation')
      .select(['state', 'reason'])
      .where('id', '=', operation.id)
      .executeTakeFirstOrThrow();
    expect(row.state).toBe('failed');
    expect(row.reason).toMatch(/^given up by .* with weir repair: its workflow was terminated$/);
    expect((await listed(loadBalancerId)).findings).toEqual([]);
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

    const { findings } = await listed();
    const mine = findings.filter(({ what }) => what.includes(lost));
    expect(mine.map(({ what }) => what)).toEqual([`port octavia-lb-${lost}`, `security group lb-${lost}`]);
    expect(findings.filter(({ what }) => what.includes(loadBalancerId))).toEqual([]);

    expect(await tell('retry', mine[0]?.id, { dryRun: true })).toContain('would remove port octavia-lb-');
    expect(await leftovers(cloud, lost)).toEqual(['VIP port', 'security group']);
    expect(await tell('retry', mine[0]?.id)).toContain('is removed');
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
    const finding = await only(id, 'PENDING');
    await expect(tell('give-up', finding.id)).rejects.toThrow('retry puts it in ERROR');
    expect(await tell('retry', finding.id)).toContain('is in ERROR');
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
    expect((await listed()).code).toBe(3);
    await tell('retry', undefined);
    const { code, findings } = await listed();
    expect(findings).toEqual([]);
    expect(code).toBe(0);
  });
});
