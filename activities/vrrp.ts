import { randomBytes } from 'node:crypto';
import { findAmphora, updateAmphora } from '../db/lifecycle/amphora.ts';
import { ensureVrrpGroup } from '../db/lifecycle/vrrp-group.ts';
import { DriverError } from '../drivers/errors.ts';
import { serves } from '../model/status.ts';
import type { ControlDependencies } from './dependencies.ts';
import { requireAmphora, vipSubnets } from './lookup.ts';
import { once, withActive, workWithPeer } from './reachability.ts';

/** VRRP of an ACTIVE_STANDBY pair (Octavia: amphora_driver_tasks.py, the VRRP tasks). */
export function createVrrpActivities({ db, network, amphora: driver, settings }: ControlDependencies) {
  async function applyVrrp(amphoraId: string): Promise<void> {
    const { amphora, graph } = await requireAmphora(db, amphoraId);
    const password = randomBytes(4).toString('hex').slice(0, 7);
    const vrrpGroup = await ensureVrrpGroup(db, graph.id, password, settings.vrrpAdvertInt);
    if (amphora.vrrpIp === null) throw new DriverError('AgentFailed', `amphora ${amphoraId} has no VRRP address`);
    const vrrpInterface = await driver.interfaceOf(amphora, amphora.vrrpIp);
    if (vrrpInterface === null)
      throw new DriverError('AgentFailed', `no interface of amphora ${amphoraId} has its VRRP address`);
    await updateAmphora(db, amphoraId, { vrrp_interface: vrrpInterface });
    await driver.applyVrrp({ ...amphora, vrrpInterface }, { ...graph, vrrpGroup }, await vipSubnets(network, graph));
  }

  return {
    applyVrrp,
    /**
     * The same in a failover, where an amphora that does not answer, or answers nothing but errors, is left as it is for its
     * own failover (Octavia: AmphoraIndexVRRPUpdate).
     */
    async applyVrrpIfReachable(amphoraId: string): Promise<void> {
      const amphora = await findAmphora(db, amphoraId);
      if (amphora === null || !serves(amphora.status)) return;
      await workWithPeer({ silent: once, broken: withActive(settings) }, async () => {
        await driver.info(amphora);
        await applyVrrp(amphoraId);
      });
    },
  };
}
