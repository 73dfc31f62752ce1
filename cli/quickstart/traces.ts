import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import type { DefaultNetwork } from '../up/default-network.ts';
import type { Traces } from './leftovers.ts';
import { memberNames, namespaceOf } from './members.ts';

/** Collects traces of a load balancer while it lives: amphorae come and go, and each must be gone in the end. */
export class TraceBook {
  readonly #computeIds = new Set<string>();
  readonly #portIds = new Set<string>();
  readonly #db: Db;
  readonly #loadBalancerId: string;

  constructor(db: Db, loadBalancerId: string) {
    this.#db = db;
    this.#loadBalancerId = loadBalancerId;
  }

  /** Writes down the amphorae and all ports that exist now. */
  async note(): Promise<void> {
    const amphorae = await this.#db
      .selectFrom('amphora')
      .select('compute_id')
      .where('load_balancer_id', '=', this.#loadBalancerId)
      .execute();
    for (const { compute_id: id } of amphorae) if (id !== null) this.#computeIds.add(id);
    for (const { id } of await this.#db.selectFrom('port').select('id').execute()) this.#portIds.add(id);
  }

  traces(settings: Settings, network: DefaultNetwork): Traces {
    return {
      loadBalancerIds: [this.#loadBalancerId],
      computeIds: [...this.#computeIds],
      portIds: [...this.#portIds],
      networkIds: [network.networkId],
      namespaces: memberNames.map((name) => namespaceOf(settings, name)),
    };
  }
}
