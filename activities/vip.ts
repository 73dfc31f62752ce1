import { isOvertaken } from '../db/lifecycle/fence.ts';
import { claimOperation } from '../db/operation.ts';
import { saveVip, vipPortOf, vipRequestOf } from '../db/lifecycle/vip.ts';
import type { SecurityRule } from '../drivers/network/contract.ts';
import type { ListenerProtocol, LoadBalancerGraph } from '../model/graph.ts';
import type { StepFailureType } from '../model/failures.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { refuseVipOfNobody } from './late.ts';
import { requireGraph } from './lookup.ts';

/** The VIP of a load balancer: its port, its addresses, and what its security group lets in. */
export function createVipActivities(deps: Pick<ControlDependencies, 'db' | 'network'>) {
  const { db, network } = deps;

  async function secure(loadBalancerId: string): Promise<void> {
    await network.ensureVipSecurityGroup(loadBalancerId, securityRules(await requireGraph(db, loadBalancerId)));
    await refuseVipOfNobody(deps, loadBalancerId);
  }

  /** Finds or makes the VIP and its security group. Throws `why` for a load balancer that is gone. */
  async function allocate(loadBalancerId: string, why: StepFailureType): Promise<void> {
    const request = await vipRequestOf(db, loadBalancerId);
    if (request === null) throw gone(why, `load balancer ${loadBalancerId} is gone`);
    await saveVip(db, loadBalancerId, await network.allocateVip(request));
    await refuseVipOfNobody(deps, loadBalancerId, why);
    await secure(loadBalancerId);
  }

  return {
    /** Takes the operation, so that the request cannot withdraw it any more, then finds or makes the VIP. */
    async allocateVip(loadBalancerId: string, operationId: string): Promise<void> {
      if (!(await claimOperation(db, operationId))) throw gone('Withdrawn', `operation ${operationId} was withdrawn`);
      await allocate(loadBalancerId, 'Withdrawn');
    },
    /** Makes a VIP port anew that has been lost. */
    restoreVip: (loadBalancerId: string): Promise<void> => allocate(loadBalancerId, 'LoadBalancerGone'),
    /** Leaves the VIP alone when an operation newer than `sequence` has the load balancer. Clean-ups of an earlier build name none. */
    async releaseVip(loadBalancerId: string, sequence: number = 0): Promise<void> {
      if (await isOvertaken(db, loadBalancerId, sequence)) return;
      await network.releaseVip(loadBalancerId, await vipPortOf(db, loadBalancerId));
    },
    /** Brings the VIP's security group in line with the listeners. */
    secureVip: secure,
  };
}

const layer4: Readonly<Record<ListenerProtocol, 'tcp' | 'udp' | 'sctp'>> = {
  TCP: 'tcp',
  HTTP: 'tcp',
  HTTPS: 'tcp',
  TERMINATED_HTTPS: 'tcp',
  PROMETHEUS: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
};

/** HAProxy's peers of a pair talk here (Octavia: HAPROXY_BASE_PEER_PORT). */
const peerPort = 1025;

/** What a load balancer's VIP must let in (Octavia: allowed_address_pairs.py _update_security_group_rules). */
export function securityRules(graph: LoadBalancerGraph): readonly SecurityRule[] {
  const listeners = graph.listeners
    .filter((listener) => listener.provisioningStatus !== 'PENDING_DELETE')
    .flatMap(({ protocol, protocolPort, allowedCidrs }) =>
      (allowedCidrs.length === 0 ? [null] : allowedCidrs).map((cidr) => ({
        protocol: layer4[protocol],
        port: protocolPort,
        cidr,
      })),
    );
  if (graph.topology === 'SINGLE') return listeners;
  return [...listeners, { protocol: 'tcp', port: peerPort, cidr: null }, { protocol: 'vrrp', port: null, cidr: null }];
}
