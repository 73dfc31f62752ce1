import { readFile } from 'node:fs/promises';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { describe, expect, it } from 'vitest';
import { readRun, type FlowRun, type StepTime } from '../../bench/history.ts';
import { partition } from '../../bench/timeline.ts';

async function savedEvents(name: string): Promise<{ events: object[] }> {
  const text = await readFile(new URL(`../flows/histories/${name}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as { events: object[] };
}

async function savedRun(name: string): Promise<FlowRun> {
  return readRun(historyFromJSON(await savedEvents(name)));
}

const rounded = ({ name, local, waiting, running }: StepTime): StepTime => ({
  name,
  local,
  waiting: Math.round(waiting),
  running: Math.round(running),
});

describe('the history of a flow', () => {
  it('tells how long each step waited and ran', async () => {
    const run = await savedRun('createLoadBalancer-SINGLE-succeeds.v1');
    expect(run.flow).toBe('createLoadBalancer');
    expect(run.workflowTasks).toBe(4);
    expect(run.steps.map(rounded)).toEqual([
      { name: 'boot standalone', local: false, waiting: 1, running: 105 },
      { name: 'wait for agent of standalone', local: false, waiting: 0, running: 121 },
      { name: 'plug VIP into standalone', local: false, waiting: 0, running: 23 },
      { name: 'allocate VIP', local: true, waiting: 0, running: 205 },
      { name: 'read load balancer', local: true, waiting: 0, running: 24 },
      { name: 'register standalone amphora', local: true, waiting: 0, running: 13 },
      { name: 'create VRRP port of standalone', local: true, waiting: 0, running: 52 },
      { name: 'mark load balancer active', local: true, waiting: 0, running: 56 },
    ]);
  });

  it('divides its whole time', async () => {
    const { start, end, spans } = await savedRun('createLoadBalancer-SINGLE-succeeds.v1');
    const shares = partition(start, end, spans);
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(end - start, 6);
    expect(end - start).toBeCloseTo(1305.9, 1);
    expect(shares.activityRunning).toBeCloseTo(104.6 + 121.2 + 23.0, 0);
    expect(shares.workflowTaskWaiting).toBeCloseTo(23.9 + 5.1 + 5.0 + 10.7, 0);
    expect(shares.localStepRunning).toBeCloseTo(204.7 + 23.9 + 13.0 + 51.6 + 55.8, 0);
    expect(shares.nothing).toBeLessThan(3);
  });

  it('tells local steps that ran side by side apart', async () => {
    const { steps } = await savedRun('createLoadBalancer-ACTIVE_STANDBY-succeeds.v1');
    const ports = steps.filter(({ name }) => name.startsWith('create VRRP port')).map(rounded);
    expect(ports).toEqual([
      { name: 'create VRRP port of master', local: true, waiting: 0, running: 111 },
      { name: 'create VRRP port of backup', local: true, waiting: 0, running: 172 },
    ]);
  });

  it('is of no use before the run is over', async () => {
    const { events } = await savedEvents('updateMember-in-place-succeeds.v1');
    expect(() => readRun(historyFromJSON({ events: events.slice(0, -1) }))).toThrow('updateMember is not over');
    expect(() => readRun({})).toThrow('no history');
  });
});
