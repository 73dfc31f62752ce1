import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationRow } from '../../../../db/schema.ts';
import { DriverError } from '../../../../drivers/errors.ts';
import type { Cloud } from '../cloud.ts';
import { Gate } from '../gate.ts';
import type { Call } from '../injector.ts';
import type { WorkerOrders } from '../remote/protocol.ts';
import { WorkerProcess, type Gatekeeper } from '../remote/process.ts';
import { start, type Started } from '../run.ts';
import { nameOf } from '../scenario.ts';
import { sideBySide } from '../side-by-side.ts';
import type { Place } from './places.ts';

/** How a worker is lost, and whether before or after its step took effect. */
export type Loss =
  { readonly how: 'killed'; readonly when: 'before' | 'after' } | { readonly how: 'frozen'; readonly when: 'before' };

/** A run that is caught at one of its steps. */
export interface Caught extends Started, Place {
  readonly operation: OperationRow;
}

const preparedAtOnce = 8;
/** Longer than it takes to catch the runs of one trial: nothing may be lost before the worker is. */
const turnLostAfterMs = 10_000;

interface Wanted extends Place {
  readonly caught: Gate;
  readonly over: Gate;
}

/** Catches each run at its step, once, and lets all go together. */
class Trap implements Gatekeeper {
  readonly #cloud: Cloud;
  readonly #when: 'before' | 'after';
  readonly #wanted = new Map<string, Wanted>();
  readonly #held = new Set<Gate>();
  readonly #door = new Gate();

  constructor(cloud: Cloud, when: 'before' | 'after') {
    this.#cloud = cloud;
    this.#when = when;
  }

  /** Opens `caught` when the run waits at its step. */
  set(workflowId: string, wanted: Place & { readonly caught: Gate }): void {
    this.#wanted.set(workflowId, { ...wanted, over: new Gate() });
  }

  /** Lets those that still wait go on, and waits until each of them is through with its step. */
  async release(): Promise<void> {
    this.#door.open();
    await Promise.all([...this.#held].map((one) => one.opened));
  }

  /** True of the try that was held. */
  async enter(workflowId: string, call: Call): Promise<boolean> {
    const step = this.#stepOf(workflowId, call);
    if (step !== undefined && step === this.#wanted.get(workflowId)?.failing)
      throw new DriverError('ConfigurationRefused', `injected into ${step}`);
    return this.#when === 'before' && this.#catch(workflowId, step);
  }

  async leave(workflowId: string, call: Call, wasHeld: boolean): Promise<void> {
    if (this.#when === 'after') await this.#catch(workflowId, this.#stepOf(workflowId, call));
    if (wasHeld) this.#wanted.get(workflowId)?.over.open();
  }

  #stepOf(workflowId: string, call: Call): string | undefined {
    return this.#cloud.injectors.get(workflowId)?.note(call);
  }

  async #catch(workflowId: string, step: string | undefined): Promise<boolean> {
    const wanted = this.#wanted.get(workflowId);
    if (wanted === undefined || step !== wanted.step || this.#held.has(wanted.over)) return false;
    this.#held.add(wanted.over);
    wanted.caught.open();
    await this.#door.opened;
    return true;
  }
}

/** Waits until a run is caught. Throws when it ends before that: nobody would wait for it to any purpose. */
async function isHere({ scenario, step, ended, here }: Caught & { readonly here: Gate }): Promise<void> {
  let isCaught = false;
  const caught = here.opened.then(() => void (isCaught = true));
  const missed = async (): Promise<void> => {
    const { steps } = await ended();
    if (!isCaught) throw new Error(`${nameOf(scenario)} did not come to ${step}: ${steps.join(', ')}`);
  };
  await Promise.race([caught, missed()]);
}

/** One worker that has many flows in its hands, each at another step, and is lost. */
export class CrashTrial {
  readonly #cloud: Cloud;
  readonly #loss: Loss;
  readonly #trap: Trap;
  readonly #taskQueue = `crash-${randomUUID()}`;
  readonly #workers: WorkerProcess[] = [];
  #folder = '';

  constructor(cloud: Cloud, loss: Loss) {
    this.#cloud = cloud;
    this.#loss = loss;
    this.#trap = new Trap(cloud, loss.when);
  }

  async #startWorker(): Promise<WorkerProcess> {
    const { settings, database, world, namespace } = this.#cloud;
    const orders: WorkerOrders = {
      address: settings.temporalAddress,
      namespace,
      taskQueue: this.#taskQueue,
      databaseUrl: database.url,
      bundlePath: join(this.#folder, 'bundle.js'),
    };
    const worker = await WorkerProcess.start(orders, world, this.#trap);
    this.#workers.push(worker);
    return worker;
  }

  /** Starts a run for each place and waits until all are caught. Throws when one ends without having come to its step. */
  async holdAll(places: readonly Place[]): Promise<readonly Caught[]> {
    this.#folder = await mkdtemp(join(tmpdir(), 'weir-crash-'));
    await writeFile(join(this.#folder, 'bundle.js'), this.#cloud.workflowBundle.code);
    const prepared = await sideBySide(
      places.map((place) => async () => ({ ...place, operation: await place.scenario.prepare(this.#cloud) })),
      preparedAtOnce,
    );
    await this.#startWorker();
    const caught = await sideBySide(
      prepared.map(({ operation, ...place }) => async () => {
        const { slowNetwork } = place.scenario;
        const here = new Gate();
        const started = await start(
          this.#cloud,
          operation,
          { slowNetwork, taskQueue: this.#taskQueue, turnLostAfterMs },
          (workflowId) => this.#trap.set(workflowId, { ...place, caught: here }),
        );
        return { ...started, ...place, operation, here };
      }),
      preparedAtOnce,
    );
    await Promise.all(caught.map(isHere));
    return caught;
  }

  /** Takes the worker away and gives the flows another. A frozen one can come back, to finish what it was at. */
  async lose(): Promise<{ comeBack(): Promise<void> }> {
    const [worker] = this.#workers;
    const { how } = this.#loss;
    if (how === 'killed') await worker?.kill();
    else worker?.freeze();
    await this.#startWorker();
    return {
      comeBack: async () => {
        if (how === 'killed') return;
        worker?.thaw();
        await this.#trap.release();
      },
    };
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) await worker.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
