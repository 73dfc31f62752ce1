import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WorkerBuild } from '../../worker/deployment/build.ts';
import { bundleFlows, type Flows } from './support/builds.ts';
import { eventually, Fleet, quietRuntime } from './support/fleet.ts';

const gauge = (metrics: string): number => Number(/^weir_unreplayable_runs (\d+)$/m.exec(metrics)?.[1]);

/** Steps of updateMember that note who ran them; `push` is what pushing the configuration does. */
function steps(ran: string[], name: string, push: () => Promise<void> = () => Promise.resolve()) {
  const note = (step: string) => async () => void ran.push(`${step} on ${name}`);
  return {
    applyListeners: async () => {
      ran.push(`push on ${name}`);
      await push();
    },
    secureVip: note('look first'),
    completeOperation: note('complete'),
    failOperation: note('fail'),
    hasSucceeded: () => Promise.resolve(false),
    deleteMachine: note('delete machine'),
  };
}

const never = (): Promise<void> => new Promise(() => undefined);

interface Scene {
  readonly fleet: Fleet;
  /** Which steps ran, and where. */
  readonly ran: string[];
  readonly build: (buildId: string, flows: Flows) => WorkerBuild;
}

describe('a new build of the flows', { timeout: 120_000 }, () => {
  let bundles: Readonly<Record<Flows, WorkflowBundleWithSourceMap>>;
  beforeAll(async () => {
    await quietRuntime();
    const [real, patched, incompatible] = [
      await bundleFlows('real'),
      await bundleFlows('patched'),
      await bundleFlows('incompatible'),
    ];
    bundles = { real, patched, incompatible };
  });

  async function play(act: (scene: Scene) => Promise<void>): Promise<void> {
    const fleet = await Fleet.open();
    const build = (buildId: string, flows: Flows): WorkerBuild => ({
      workflowBundle: bundles[flows],
      version: { deploymentName: fleet.taskQueue, buildId },
    });
    try {
      await act({ fleet, ran: [], build });
    } finally {
      await fleet.stop();
    }
  }

  test('takes over a run whose worker is gone, and finishes it', () =>
    play(async ({ fleet, ran, build }) => {
      const a = build('A', 'real');
      const b = build('B', 'patched');
      const old = await fleet.start(steps(ran, 'A', never), a);
      const run = await fleet.run('updateMember');
      await eventually(() => ran.length === 1);
      expect(await fleet.buildOf(run)).toBe(a.version.buildId);
      await old.stop();
      const young = await fleet.start(steps(ran, 'B'), b);
      await run.result();
      expect(ran).toEqual(['push on A', 'push on B', 'complete on B']);
      expect(await fleet.buildOf(run)).toBe(b.version.buildId);
      expect(await young.metrics()).toContain('weir_taken_over_runs_total 1');
      expect(young.errors()).toEqual([]);
    }));

  test('leaves a run to the workers of its build while there are any, and gets new ones', () =>
    play(async ({ fleet, ran, build }) => {
      const a = build('A', 'real');
      const b = build('B', 'patched');
      let finish: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (finish = resolve));
      await fleet.start(
        steps(ran, 'A', () => held),
        a,
      );
      const run = await fleet.run('updateMember');
      await eventually(() => ran.length === 1);
      await fleet.start(steps(ran, 'B'), b);
      await (await fleet.run('updateMember')).result();
      finish();
      await run.result();
      expect(ran).toEqual(['push on A', 'look first on B', 'push on B', 'complete on B', 'complete on A']);
    }));

  test('leaves alone a run that it cannot replay and reports it, until a build comes that can', () =>
    play(async ({ fleet, ran, build }) => {
      const a = build('A', 'real');
      const c = build('C', 'incompatible');
      const d = build('D', 'patched');
      const old = await fleet.start(steps(ran, 'A', never), a);
      const run = await fleet.run('updateMember');
      await eventually(() => ran.length === 1);
      await old.stop();

      const incompatible = await fleet.start(steps(ran, 'C'), c);
      await eventually(async () => gauge(await incompatible.metrics()) === 1);
      expect(await fleet.buildOf(run)).toBe(a.version.buildId);
      await (await fleet.run('updateMember')).result();
      expect(ran).toEqual(['push on A', 'look first on C', 'push on C', 'complete on C']);
      const reported = incompatible.errors().filter(({ build }) => build === a.version.buildId);
      expect(reported).toMatchObject([{ workflow: run.workflowId }]);

      await fleet.start(steps(ran, 'D'), d);
      await run.result();
      expect(ran.slice(4)).toEqual(['push on D', 'complete on D']);
      await eventually(async () => gauge(await incompatible.metrics()) === 0);
    }));

  test('takes over a run that began before there was versioning', () =>
    play(async ({ fleet, ran, build }) => {
      const b = build('B', 'patched');
      const workflowBundle = bundles.real;
      const old = await fleet.start(steps(ran, 'unversioned', never), undefined, { workflowBundle });
      const run = await fleet.run('updateMember');
      await eventually(() => ran.length === 1);
      expect(await fleet.buildOf(run)).toBeUndefined();
      await old.stop();
      await fleet.start(steps(ran, 'B'), b);
      await run.result();
      expect(ran).toEqual(['push on unversioned', 'push on B', 'complete on B']);
    }));

  test('takes over the clean-up flow that a run left behind', () =>
    play(async ({ fleet, ran, build }) => {
      const a = build('A', 'real');
      const b = build('B', 'patched');
      const old = await fleet.start(steps(ran, 'A', never), a);
      await (await fleet.run('leaveBehind')).result();
      await eventually(() => ran.length === 1);
      await old.stop();
      await fleet.start(steps(ran, 'B'), b);
      await eventually(() => ran.length === 2);
      expect(ran).toEqual(['push on A', 'push on B']);
    }));

  test('reaches the steps of compute hosts, whose workers have no build', () =>
    play(async ({ fleet, ran, build }) => {
      const a = build('A', 'real');
      const b = build('B', 'patched');
      const host = `${fleet.taskQueue}-host`;
      await fleet.start(steps(ran, 'host'), undefined, { taskQueue: host });
      const old = await fleet.start(steps(ran, 'A'), a);
      await (await fleet.run('visitHost', host)).result();
      await old.stop();
      await fleet.start(steps(ran, 'B'), b);
      await (await fleet.run('visitHost', host)).result();
      const onHost = 'delete machine on host';
      expect(ran).toEqual(['push on A', onHost, 'complete on A', 'push on B', onHost, 'complete on B']);
    }));

  test('comes back only when nobody works for the one that replaced it', () =>
    play(async ({ fleet, ran, build }) => {
      const a = build('A', 'real');
      const b = build('B', 'patched');
      await (await fleet.start(steps(ran, 'A'), a)).stop();
      const young = await fleet.start(steps(ran, 'B'), b);
      await fleet.start(steps(ran, 'A'), a);
      await (await fleet.run('updateMember')).result();
      expect(ran).toEqual(['look first on B', 'push on B', 'complete on B']);
      await young.stop();
      await (await fleet.run('updateMember')).result();
      expect(ran.slice(3)).toEqual(['push on A', 'complete on A']);
    }));
});
