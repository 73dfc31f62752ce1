import type { Db } from '../../../db/database.ts';
import { utcNow } from '../../../db/operation.ts';
import type { OperationRow } from '../../../db/schema.ts';
import type { StepNow } from '../../../model/operation.ts';
import type { OperationStarter, VipOutcome } from '../../../temporal/starter.ts';
import { finishOperation } from './finish.ts';

/**
 * Stands in for the workflows: gives a new load balancer its VIP, and carries operations out in the database alone when
 * a test says `settle()`.
 */
export class FakeStarter implements OperationStarter {
  readonly started: OperationRow[] = [];
  /** What operations, by their ids, are found doing. */
  readonly steps = new Map<string, readonly StepNow[]>();
  /** What the next load balancers meet instead of a VIP. */
  vipOutcome: VipOutcome = { outcome: 'allocated' };
  vipAddress = '198.51.100.1';
  readonly #db: Db;
  #waiting: OperationRow[] = [];

  constructor(db: Db) {
    this.#db = db;
  }

  start(operation: OperationRow): Promise<boolean> {
    this.started.push(operation);
    this.#waiting.push(operation);
    return Promise.resolve(true);
  }

  async startAndAwaitVip(operation: OperationRow): Promise<VipOutcome> {
    if (this.vipOutcome.outcome === 'failed') await this.#revert(operation);
    if (this.vipOutcome.outcome !== 'allocated') return this.vipOutcome;
    await this.giveVip(operation.load_balancer_id);
    await this.start(operation);
    return this.vipOutcome;
  }

  /** Fills in what the request left open, as the first step of the create flow does. */
  async giveVip(id: string): Promise<void> {
    const row = await this.#db.selectFrom('load_balancer').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    const portId = row.vip_port_id ?? crypto.randomUUID();
    await this.#db
      .updateTable('load_balancer')
      .set({ vip_ready: true, vip_port_id: portId, vip_address: row.vip_address ?? this.vipAddress })
      .where('id', '=', id)
      .execute();
    await this.#db.updateTable('additional_vip').set({ port_id: portId }).where('load_balancer_id', '=', id).execute();
  }

  /** Carries out what was started, in its order. */
  async settle(): Promise<void> {
    const operations = this.#waiting;
    this.#waiting = [];
    for (const operation of operations) await finishOperation(this.#db, operation);
  }

  async #revert(operation: OperationRow): Promise<void> {
    await this.#db.deleteFrom('load_balancer').where('id', '=', operation.load_balancer_id).execute();
    await this.#db
      .updateTable('operation')
      .set({ state: 'failed', finished_at: utcNow })
      .where('id', '=', operation.id)
      .execute();
  }
}
