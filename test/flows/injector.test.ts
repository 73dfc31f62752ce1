/** The tool that every proof rests on is itself tested: with counts of what was called. */
import { expect, test } from 'vitest';
import { DriverError } from '../../drivers/errors.ts';
import { Gate } from './support/gate.ts';
import { Injector, type Fault } from './support/injector.ts';
import { Names } from './support/names.ts';
import { traceOf } from './support/trace.ts';
import { Troubles } from './support/trouble.ts';

/** A flow of steps `one`, `two`, `three`, without Temporal: counts what takes effect and says how each call ended. */
class Play {
  readonly effects: Record<string, number> = {};
  readonly cancellations: string[] = [];
  readonly injector: Injector;

  constructor(fault?: Fault) {
    this.injector = new Injector(new Names({}), fault);
  }

  call(activity: string, activityId = activity): Promise<string> {
    const effect = (): Promise<string> => {
      this.effects[activity] = (this.effects[activity] ?? 0) + 1;
      return Promise.resolve('done');
    };
    const grip = {
      cancel: () => Promise.resolve(void this.cancellations.push(activity)),
      cancelled: () => Promise.reject(new Error('cancelled')),
    };
    return this.injector
      .execute({ activity, activityId, args: [], isLocal: activity === 'two' }, undefined, effect, grip)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  }
}

test('a step without a fault runs once and is noted once, however often it is tried', async () => {
  const play = new Play();
  await play.call('one', '1');
  await play.call('one', '1');
  expect(play.injector.steps).toEqual(['one()']);
  expect(play.effects).toEqual({ one: 2 });
});

test('two steps of the same name are told apart', async () => {
  const play = new Play({ step: 'one() #2', mode: 'before' });
  expect([await play.call('one', '1'), await play.call('one', '2')]).toEqual(['done', 'injected into one() #2']);
});

test('a step that fails before its effect has none, and only that step fails', async () => {
  const play = new Play({ step: 'two()', mode: 'before' });
  expect([await play.call('one'), await play.call('two'), await play.call('three')]).toEqual([
    'done',
    'injected into two()',
    'done',
  ]);
  expect(play.effects).toEqual({ one: 1, three: 1 });
  expect(play.injector.later).toEqual(['three()']);
});

test('a step whose answer is lost has its effect', async () => {
  const play = new Play({ step: 'one()', mode: 'after' });
  expect(await play.call('one')).toBe('injected into one()');
  expect(play.effects).toEqual({ one: 1 });
});

test('a step that is repeated has two effects, its neighbours one', async () => {
  const play = new Play({ step: 'two()', mode: 'repeat' });
  for (const step of ['one', 'two', 'three']) await play.call(step);
  expect(play.effects).toEqual({ one: 1, two: 2, three: 1 });
});

test('what comes after the fault runs twice where that is asked for, and what came before does not', async () => {
  const play = new Play({ step: 'two()', mode: 'before', thenTwice: true });
  for (const step of ['one', 'two', 'three']) await play.call(step);
  expect(play.effects).toEqual({ one: 1, three: 2 });
});

test('a step is stuck after the fault, not before it', async () => {
  const play = new Play({ step: 'two()', mode: 'before', thenStuck: 'one() #2' });
  expect([await play.call('one', '1'), await play.call('two', '2'), await play.call('one', '3')]).toEqual([
    'done',
    'injected into two()',
    'stuck in one() #2',
  ]);
});

test('the workflow is cancelled while the step runs, which then takes its effect', async () => {
  const play = new Play({ step: 'one()', mode: 'cancel' });
  await play.call('one');
  expect([play.cancellations, play.effects]).toEqual([['one'], { one: 1 }]);
});

test('the workflow is cancelled while the step runs, which then ends as cancelled and has no effect', async () => {
  const play = new Play({ step: 'one()', mode: 'obey' });
  expect(await play.call('one')).toBe('cancelled');
  expect([play.cancellations, play.effects]).toEqual([['one'], {}]);
});

test('a step that is held waits until it is let go', async () => {
  const play = new Play({ step: 'one()', mode: 'hold' });
  const call = play.call('one');
  await play.injector.held;
  expect(play.effects).toEqual({});
  play.injector.letGo();
  expect(await call).toBe('done');
});

test('a step that is refused has no effect at any try', async () => {
  const play = new Play({ step: 'one()', mode: 'refuse' });
  expect([await play.call('one', '1'), await play.call('one', '1'), await play.call('two')]).toEqual([
    'injected into one()',
    'injected into one()',
    'done',
  ]);
  expect(play.effects).toEqual({ two: 1 });
});

test.each([
  ['lose', { one: 1 }],
  ['hang', {}],
] as const)(
  'after a first try that never ends a second one of a step with the fault %s has effects %o',
  async (mode, effects) => {
    const play = new Play({ step: 'one()', mode });
    const tries = [play.call('one', '1'), play.call('one', '1')];
    await Promise.race([...tries, play.call('two')]);
    if (mode === 'lose') await tries[1];
    expect(play.effects).toEqual({ ...effects, two: 1 });
    play.injector.letGo();
    await Promise.all(tries);
  },
);

test('quick steps on the database are known', async () => {
  const play = new Play();
  await play.call('one');
  await play.call('two');
  expect(['one()', 'two()'].map((step) => play.injector.isLocal(step))).toEqual([false, true]);
});

test('ids have the same names in every run', () => {
  const ids = ['5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09', '7d1f7f0e-9f3a-4a55-8a51-6a6f5e6d1c11'] as const;
  const names = new Names({ [ids[0]]: 'load balancer' });
  expect(names.step('registerAmphora', [ids[1], ids[0], 'MASTER'])).toBe(
    'registerAmphora(new master, load balancer, MASTER)',
  );
  expect(names.step('bootAmphora', [ids[1]])).toBe('bootAmphora(new master)');
  expect(names.step('completeOperation', [ids[0], [{ name: 'a step' }]])).toBe('completeOperation(load balancer, […])');
});

test('steps that run side by side are put in order, one amphora after the other', () => {
  expect(traceOf(['read()', 'boot(new master)', 'boot(new backup)', 'plug(new master)', 'end()'])).toBe(
    'read()\nboot(new backup)\nboot(new master)\nplug(new master)\nend()\n',
  );
});

const refusal = { error: 'AmphoraUnreachable' } as const;

test.each([
  { trouble: { how: 'refuse', ...refusal }, effects: 0, fails: true },
  { trouble: { how: 'lose', ...refusal }, effects: 1, fails: true },
  { trouble: { how: 'twice' }, effects: 2, fails: false },
] as const)('a call of a driver with trouble $trouble.how', async ({ trouble, effects, fails }) => {
  const troubles = new Troubles();
  const calls: string[] = [];
  const driver = troubles.wrap('compute', { boot: (id: string) => Promise.resolve(calls.push(id)) });
  troubles.order('compute.boot', 'machine 1', { ...trouble, times: 1 });
  await driver.boot('machine 2');
  const outcome = await driver.boot('machine 1').catch((error: unknown) => error);
  expect(outcome instanceof DriverError).toBe(fails);
  await driver.boot('machine 1');
  expect(troubles.effects('compute.boot', 'machine 1')).toBe(effects + 1);
  expect(calls.filter((id) => id === 'machine 1')).toHaveLength(effects + 1);
});

test('a slow call takes effect when its gate opens', async () => {
  const troubles = new Troubles();
  const gate = new Gate();
  const driver = troubles.wrap('compute', { boot: (id: string) => Promise.resolve(id) });
  const end = troubles.order('compute.boot', 'machine', { how: 'slow', gate });
  const boot = driver.boot('machine');
  expect(troubles.effects('compute.boot', 'machine')).toBe(0);
  gate.open();
  expect(await boot).toBe('machine');
  end();
  expect(await driver.boot('machine')).toBe('machine');
});
