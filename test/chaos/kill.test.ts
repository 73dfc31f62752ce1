import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cli/process/until.ts';
import type { Db } from '../../db/database.ts';
import { ControlPlane } from './support/control-plane.ts';
import { leaked, unsettled } from './support/leftovers.ts';
import { Tenant } from './support/tenant.ts';

const connections = 8;
const warmUpLimitMs = 60_000;
const stormMs = 25_000;
const leastKills = 4;
const calmLimitMs = 60_000;
const victims = ['api', 'worker', 'postgres'] as const;

let plane: ControlPlane;
let db: Db;
beforeAll(async () => {
  plane = await ControlPlane.start();
  db = await plane.openDatabase();
});
afterAll(async () => {
  await db.destroy();
  await plane.stop();
});

/** Kills one of the processes every two to four seconds, until it is time and some were killed. Returns whom. */
async function storm(): Promise<string[]> {
  const killed: string[] = [];
  const end = performance.now() + stormMs;
  while (performance.now() < end || killed.length < leastKills) {
    await delay(1_500 + Math.random() * 3_000);
    const victim = victims[Math.floor(Math.random() * victims.length)] ?? 'worker';
    if (await plane.signal(victim, 'SIGKILL')) killed.push(victim);
  }
  return killed;
}

/** Asks once more while the database is not there. */
const patiently = <T>(ask: () => Promise<T>): Promise<T | undefined> => ask().catch(() => undefined);

test(
  'nothing is lost and nothing stays PENDING when api, worker and PostgreSQL are killed at random',
  { timeout: 240_000 },
  async ({ annotate }) => {
    const tenants = Array.from({ length: connections }, (_, index) => new Tenant(plane.baseUrl, `tenant-${index}`));
    const end = new AbortController();
    const work = Promise.all(tenants.map((tenant) => tenant.work(end.signal)));
    await until(() => tenants.every(({ created }) => created.size > 0), warmUpLimitMs);
    const killed = await storm();
    end.abort();
    await work;
    const started = Date.now();
    await until(async () => (await patiently(() => unsettled(db)))?.length === 0, calmLimitMs, 250);
    const calmMs = Date.now() - started;
    expect(await unsettled(db)).toEqual([]);
    expect(await leaked(db)).toEqual([]);

    const rows = await db.selectFrom('load_balancer').select(['id', 'name', 'provisioning_status']).execute();
    const statusOf = new Map(rows.map((row) => [row.id, row.provisioning_status]));
    const names = new Set(rows.map(({ name }) => name));
    for (const tenant of tenants) {
      expect(tenant.wrong).toEqual([]);
      for (const id of tenant.created.values()) {
        const allowed = tenant.deleted.has(id)
          ? ['DELETED']
          : ['ACTIVE', ...(tenant.perhapsDeleted.has(id) ? ['DELETED'] : [])];
        expect(allowed, `load balancer ${id}`).toContain(statusOf.get(id));
      }
      expect(tenant.refused.filter((name) => names.has(name))).toEqual([]);
    }
    expect(tenants.filter(({ created }) => created.size === 0)).toEqual([]);
    await annotate(`killed ${killed.join(' ')}; ${JSON.stringify(totals(tenants))}; settled after ${calmMs} ms`);
  },
);

function totals(tenants: readonly Tenant[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [kind, count] of tenants.flatMap(({ answers }) => [...answers])) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
}
