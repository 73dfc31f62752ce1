import { DriverError } from '../drivers/errors.ts';
import type { Amphora } from '../model/graph.ts';
import type { ControlDependencies } from './dependencies.ts';
import { requireGraph } from './lookup.ts';
import { answerOf, withFailedOver } from './reachability.ts';

/** Which amphora of a pair is failed over first (Octavia: controller_worker.py, _get_amphorae_for_failover). */
export function createFailoverOrderActivities({
  db,
  amphora: driver,
  settings,
}: Pick<ControlDependencies, 'db' | 'amphora' | 'settings'>) {
  /** False too for one that does not answer: it serves nobody. */
  async function holds(amphora: Amphora, address: string): Promise<boolean> {
    try {
      const found = await answerOf(withFailedOver(settings), () => driver.interfaceOf(amphora, address));
      return found !== null && found.answer !== null;
    } catch (error) {
      if (error instanceof DriverError) return false;
      throw error;
    }
  }

  return {
    /** The id of the first amphora that does not hold the VIP; the others are not asked. Null when each holds it. */
    async findAmphoraWithoutVip(loadBalancerId: string): Promise<string | null> {
      const { amphorae, vips } = await requireGraph(db, loadBalancerId);
      const [vip] = vips;
      if (vip === undefined) return null;
      for (const amphora of amphorae) if (!(await holds(amphora, vip.address))) return amphora.id;
      return null;
    },
  };
}
