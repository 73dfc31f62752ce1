import { randomBytes } from 'node:crypto';
import { isSilent } from '../db/amphora-health.ts';
import { findAmphora, updateAmphora } from '../db/lifecycle/amphora.ts';
import { ensureVrrpGroup } from '../db/lifecycle/vrrp-group.ts';
import { DriverError } from '../drivers/errors.ts';
import type { LoadBalancerGraph } from '../model/graph.ts';
import { serves } from '../model/status.ts';
import type { ControlDependencies } from './dependencies.ts';
import { requireAmphora, vipSubnets } from './lookup.ts';
import { once, withActive, workWithPeer, type PeerState } from './reachability.ts';

/** VRRP of an ACTIVE_STANDBY pair (Octavia: amphora_driver_tasks.py, the VRRP tasks). */
export function createVrrpActivities({ db, network, amphora: driver, settings }: ControlDependencies) {
  async function applyVrrp(amphoraId: string, leavingId: string | null = null): Promise<void> {
    const { amphora, graph: now } = await requireAmphora(db, amphoraId);
    const graph = withLeaving(now, leavingId);
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
    /** On a replacement, `leavingId` is the amphora whose place it takes, as long as that is there. */
    applyVrrp,
    /**
     * The same in a failover, where an amphora that does not answer, or answers nothing but errors, is left as it is for its
     * own failover (Octavia: AmphoraIndexVRRPUpdate). Returns what became of it, null for one that need not be told; runs of an earlier
     * build were not told.
     */
    async applyVrrpIfReachable(amphoraId: string): Promise<PeerState | null | undefined> {
      const amphora = await findAmphora(db, amphoraId);
      if (amphora === null || !serves(amphora.status)) return null;
      const patience = withActive(settings);
      return workWithPeer({ silent: patience, broken: patience }, async () => {
        await driver.info(amphora);
        await applyVrrp(amphoraId);
      });
    },
    /**
     * Tells an amphora of a replacement before that starts VRRP; the one that leaves is told too. Who sends no heartbeats is passed over, and
     * nobody is asked twice: the clients of a dead pair wait for the replacement. Whoever missed it is told again after the failover.
     */
    async introduceReplacement(amphoraId: string, leavingId: string | null): Promise<void> {
      const amphora = await findAmphora(db, amphoraId);
      // One in ERROR may hold the VIP as well.
      if (amphora?.vrrpInterface == null || (await isSilent(db, amphoraId, settings.heartbeatTimeoutSec))) return;
      await workWithPeer({ silent: once, broken: once }, async () => {
        await driver.info(amphora);
        await applyVrrp(amphoraId, leavingId);
      });
    },
  };
}

/** For VRRP an amphora that is on its way out is one of the pair until its machine is gone. */
function withLeaving(graph: LoadBalancerGraph, leavingId: string | null): LoadBalancerGraph {
  const amphorae = graph.amphorae.map((amphora) =>
    amphora.id === leavingId ? { ...amphora, status: 'ALLOCATED' as const } : amphora,
  );
  return { ...graph, amphorae };
}
