/** A place where nothing runs and every id is known (Octavia: compute/drivers/noop_driver). For tests of all the rest. */
import { nameUuid } from '../name-uuid.ts';
import type { ComputeDriver, ComputeState } from './contract.ts';

/** Octavia's made-up address (RFC 5737). */
const managementAddress = '192.0.2.1';

/** So many deleted ids are remembered; older ones count as running again, as every unknown id does. */
const remembered = 10_000;

const absent = { fault: null, imageId: null, computeFlavor: null, cachedZone: null } as const;
const running: ComputeState = { ...absent, status: 'running', managementAddress };
const gone: ComputeState = { ...absent, status: 'gone', managementAddress: null };

/** Ids that were never heard of count as running, so that several processes may each have their own driver. */
export function noopCompute(): ComputeDriver {
  const booted = new Set<string>();
  const deleted = new Set<string>();
  const idOf = (amphoraId: string): string => nameUuid(`noop compute ${amphoraId}`);
  return {
    boot({ amphoraId }) {
      const id = idOf(amphoraId);
      booted.add(id);
      deleted.delete(id);
      return Promise.resolve(id);
    },
    find: (amphoraId) => Promise.resolve(deleted.has(idOf(amphoraId)) ? null : idOf(amphoraId)),
    state: (id) => Promise.resolve(deleted.has(id) ? gone : running),
    attachPort: () => Promise.resolve(),
    refreshPort: () => Promise.resolve(),
    detachPort: () => Promise.resolve(),
    delete(id) {
      booted.delete(id);
      deleted.add(id);
      const [oldest] = deleted;
      if (deleted.size > remembered && oldest !== undefined) deleted.delete(oldest);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...booted]),
  };
}
