import { connectionLimitMs } from '../config/retries.ts';
import {
  findAmphora,
  forgetAmphora,
  insertAmphora,
  markAmphoraAllocated,
  markAmphoraDeleted,
  markAmphoraFailed,
  markAmphoraPendingDelete,
  type NewAmphoraRow,
} from '../db/lifecycle/amphora.ts';
import type { Tx } from '../db/database.ts';
import { whileOpen } from '../db/lifecycle/fence.ts';
import type { AmphoraRole } from '../model/status.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { requireAmphora } from './lookup.ts';
import { placeAmphora, taskQueueOf } from './placement.ts';
import { poll } from './poll.ts';

/** The life of an amphora as the control plane leads it; the machine itself is the matter of compute.ts. */
export function createAmphoraActivities({ db, amphora: driver, certificates, sealer, settings }: ControlDependencies) {
  /** Throws a final failure when the operation is over. */
  async function requireOpen(
    operation: { readonly loadBalancerId: string; readonly sequence: number | undefined },
    write: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    if (!(await whileOpen(db, operation, write)))
      throw gone(
        'OvertakenOperation',
        `operation ${operation.sequence} of load balancer ${operation.loadBalancerId} is over`,
      );
  }

  /** Places it under the lock of its load balancer, so that those of a pair, which are registered side by side, see each other. */
  async function register(amphora: Pick<NewAmphoraRow, 'id' | 'loadBalancerId' | 'role'>, sequence?: number) {
    const { loadBalancerId } = amphora;
    const { pem, notAfter } = await certificates.issueForAmphora(amphora.id);
    const certificate = { certExpiration: notAfter.toISOString(), sealedPem: sealer.seal(pem) };
    await requireOpen({ loadBalancerId, sequence }, async (tx) => {
      const computeHost = await placeAmphora(tx, settings, loadBalancerId);
      await insertAmphora(tx, { ...amphora, ...certificate, computeHost });
    });
  }

  return {
    /** Writes the row of a new amphora, with its certificate, and chooses the place where it will run. */
    async registerAmphora(
      amphoraId: string,
      loadBalancerId: string,
      role: AmphoraRole,
      sequence?: number,
    ): Promise<{ taskQueue: string }> {
      const existing = await findAmphora(db, amphoraId);
      if (existing === null) await register({ id: amphoraId, loadBalancerId, role }, sequence);
      const registered = existing ?? (await findAmphora(db, amphoraId));
      if (registered === null) throw gone('AmphoraGone', `amphora ${amphoraId} was given up`);
      return { taskQueue: taskQueueOf(settings, registered.computeHost) };
    },
    forgetAmphora: (amphoraId: string): Promise<void> => forgetAmphora(db, amphoraId),

    /** Waits until the agent answers; then the amphora is ALLOCATED. */
    async awaitAgent(amphoraId: string): Promise<void> {
      const { amphora } = await requireAmphora(db, amphoraId);
      await poll(`agent of amphora ${amphoraId}`, connectionLimitMs(settings), () => driver.info(amphora));
      if (!(await markAmphoraAllocated(db, amphoraId))) throw gone('AmphoraGone', `amphora ${amphoraId} was given up`);
    },
    async markAmphoraPendingDelete(amphoraId: string, sequence?: number): Promise<void> {
      const { graph } = await requireAmphora(db, amphoraId);
      await requireOpen({ loadBalancerId: graph.id, sequence }, (tx) => markAmphoraPendingDelete(tx, amphoraId));
    },
    markAmphoraDeleted: (amphoraId: string): Promise<void> => markAmphoraDeleted(db, amphoraId),
    markAmphoraFailed: (amphoraId: string): Promise<void> => markAmphoraFailed(db, amphoraId),
  };
}
