import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportHost } from '../../db/lifecycle/host.ts';
import type { Cloud } from '../flows/support/cloud.ts';
import { requestLoadBalancer } from '../flows/support/operations.ts';
import { run } from '../flows/support/run.ts';
import { cloudOfItsOwn, configurationOf, Repair } from './support/repair.ts';

let cloud: Cloud;
let repair: Repair;
beforeAll(async () => {
  cloud = await cloudOfItsOwn({ computeDriver: 'host' });
  repair = new Repair(configurationOf(cloud, { computeDriver: 'host' }));
});
afterAll(() => cloud.stop());

/** A host that was heard of so many hours ago. */
async function host(hoursAgo: number): Promise<string> {
  const { db } = cloud.database;
  const name = `host-${randomUUID()}.example`;
  await reportHost(db, name, 1024);
  const lastSeen = new Date(Date.now() - hoursAgo * 3_600_000).toISOString();
  await db.updateTable('compute_host').set({ last_seen: lastSeen }).where('name', '=', name).execute();
  return name;
}

async function hosts(): Promise<readonly string[]> {
  return (await cloud.database.db.selectFrom('compute_host').select('name').execute()).map(({ name }) => name);
}

it('lists a host that nobody has heard of for a day, no longer asks it, and forgets it when it is given up', async () => {
  const gone = await host(25);
  const { code, findings, unseen } = await repair.listed();
  expect(findings).toMatchObject([{ id: `h-${gone}`, section: 'hosts', state: 'silent', needsPerson: true }]);
  expect(unseen).toEqual([]);
  expect(code).toBe(3);
  expect(await repair.printed()).toContain('weir repair give-up ID: forget it');

  const id = `h-${gone}`;
  for (const action of ['retry', 'adopt'] as const)
    await expect(repair.tell(action, id)).rejects.toThrow('is there again once its weir host runs');
  expect(await repair.tell('give-up', id, { dryRun: true })).toBe(
    `${id}: would forget compute host ${gone}; it is there again if its weir host ever runs`,
  );
  expect(await hosts()).toEqual([gone]);
  expect(await repair.tell('give-up', id)).toContain(`compute host ${gone} is forgotten`);
  expect(await hosts()).toEqual([]);
  expect((await repair.listed()).code).toBe(0);
});

it('ends with 1 when a host could not be asked and nothing else needs a person', async () => {
  const away = await host(1);
  const { code, findings, unseen } = await repair.listed();
  expect(findings).toEqual([]);
  expect(unseen).toEqual([expect.stringContaining(`machines of host/${away}: `)]);
  expect(code).toBe(1);
  expect((await repair.act('retry', undefined)).code).toBe(1);
  await cloud.database.db.deleteFrom('compute_host').where('name', '=', away).execute();
});

it('does not list a host that has an amphora', async () => {
  const name = await host(0);
  const stop = await cloud.startHost(name);
  const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
  expect((await run(cloud, operation)).failure).toBeNull();
  await stop();
  await cloud.database.db
    .updateTable('compute_host')
    .set({ last_seen: '2026-01-01T00:00:00' })
    .where('name', '=', name)
    .execute();
  const { findings, unseen } = await repair.listed();
  expect(findings).toEqual([]);
  expect(unseen).toEqual([expect.stringContaining(`machines of host/${name}: `)]);
});
