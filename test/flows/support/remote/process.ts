import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Gate } from '../gate.ts';
import type { Call } from '../injector.ts';
import type { World } from '../world.ts';
import { packed, type Answer, type Question, type WorkerOrders } from './protocol.ts';

/** Called before and after each try of a step; the step waits until it resolves. What `enter` says is told to `leave`. */
export interface Gatekeeper {
  enter(workflowId: string, call: Call): Promise<boolean>;
  leave(workflowId: string, call: Call, entered: boolean): Promise<void>;
}

/** A worker in a process of its own, over the test's world. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #ready = new Gate();
  readonly #rooms: Readonly<Record<string, object>>;

  private constructor(orders: WorkerOrders, world: World, gatekeeper: Gatekeeper) {
    this.#rooms = {
      compute: world.compute,
      amphora: world.amphora,
      certificates: world.certificates,
      gate: {
        enter: gatekeeper.enter.bind(gatekeeper),
        leave: gatekeeper.leave.bind(gatekeeper),
        ready: () => this.#ready.open(),
      },
    };
    const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
    this.#child = fork(file('worker.ts'), [JSON.stringify(orders)], {
      execArgv: ['--import', file('typescript.mjs')],
      serialization: 'advanced',
    });
    this.#child.on('message', (question: Question) => void this.#answer(question));
  }

  /** Starts one and waits until it takes work. */
  static async start(orders: WorkerOrders, world: World, gatekeeper: Gatekeeper): Promise<WorkerProcess> {
    const worker = new WorkerProcess(orders, world, gatekeeper);
    const ended = once(worker.#child, 'exit').then(() => Promise.reject(new Error('the worker did not start')));
    await Promise.race([worker.#ready.opened, ended]);
    ended.catch(() => undefined);
    return worker;
  }

  async #answer({ id, to, method, args }: Question): Promise<void> {
    const answer = await this.#ask(to, method, args).then(
      (result): Answer => ({ id, result }),
      (error: unknown): Answer => ({ id, error: packed(error) }),
    );
    if (this.#child.connected) this.#child.send(answer, () => undefined);
  }

  async #ask(to: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const room = this.#rooms[to];
    const work: unknown = room === undefined ? undefined : Reflect.get(room, method);
    if (typeof work !== 'function') throw new Error(`nobody knows ${to}.${method}`);
    return work.apply(room, args);
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Stops it in the middle of what it does, without its knowledge. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }
}
