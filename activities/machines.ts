import { livingAmphorae } from '../db/ownership.ts';
import type { ComputeDependencies } from './dependencies.ts';

/** Machines that nobody owns, on the host that has them, or in the control plane where a cloud has them. */
export function createMachineRepairActivities({ db, compute }: Pick<ComputeDependencies, 'db' | 'compute'>) {
  /** Machines are listed first: the row of a machine is written before it is made and outlives it. */
  async function ownerless(): Promise<readonly string[]> {
    const machines = await compute.list();
    const owned = new Set<string>();
    for (const { id, computeId } of await livingAmphorae(db)) {
      // A boot whose answer was lost has not noted down its machine.
      const machine = computeId ?? (await compute.find(id));
      if (machine !== null) owned.add(machine);
    }
    return machines.filter((id) => !owned.has(id));
  }
  return {
    /** The compute ids of the machines here that belong to no living amphora. */
    findOwnerlessMachines: ownerless,
    /** Ends such a machine; one that has an owner is left alone. */
    async removeOwnerlessMachine(computeId: string): Promise<void> {
      if ((await ownerless()).includes(computeId)) await compute.delete(computeId);
    },
  };
}
