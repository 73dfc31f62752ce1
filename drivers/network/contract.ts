/** Networks, subnets and ports (Octavia: network/base.py). Creating is get-or-create by name; "not found" on delete is success. */
import type { Network, Port, PortDetails, Subnet } from '../../model/network.ts';
import type { AllocatedVip, VipRequest } from '../../model/vip.ts';

/** The part that answers questions; the API uses it to check ids that a request names. Each returns null for "not found". */
export interface NetworkReader {
  network(id: string): Promise<Network | null>;
  subnet(id: string): Promise<Subnet | null>;
  port(id: string): Promise<Port | null>;
  qosPolicyExists(id: string): Promise<boolean>;
  securityGroupExists(id: string): Promise<boolean>;
  /** How many addresses a subnet has left. */
  freeAddresses(subnetId: string): Promise<number>;
}

/** A hole in the VIP's security group. `port` null with protocol `vrrp` lets a pair's advertisements in. */
export interface SecurityRule {
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'vrrp';
  readonly port: number | null;
  readonly cidr: string | null;
}

/** A port or a security group that was made for a load balancer or an amphora, whether or not that is still there. */
export interface MadeThing {
  readonly kind: 'port' | 'security group';
  readonly id: string;
  readonly name: string;
  readonly owner:
    { readonly kind: 'load balancer'; readonly id: string } | { readonly kind: 'amphora'; readonly id: string };
  /** UTC, as the database writes it; null where nobody notes it. */
  readonly createdAt: string | null;
}

export interface NetworkDriver extends NetworkReader {
  /** Finds or makes the port `octavia-lb-<load balancer>`. Throws VipInUse (409), AddressesExhausted, NetworkNotFound. */
  allocateVip(request: VipRequest): Promise<AllocatedVip>;
  /** Deletes the VIP port if it is ours, and the security group. `portId` may be null when the allocation's answer was lost. */
  releaseVip(loadBalancerId: string, portId: string | null): Promise<void>;
  /** Makes the group `lb-<load balancer>` hold just these rules and puts it on the VIP port and the VRRP ports. */
  ensureVipSecurityGroup(loadBalancerId: string, rules: readonly SecurityRule[]): Promise<void>;
  /** Finds or makes the port `octavia-lb-vrrp-<amphora>` in the VIP's subnet, allowed to send from all VIPs of the load balancer. */
  ensureVrrpPort(amphoraId: string, loadBalancerId: string, vip: AllocatedVip): Promise<PortDetails>;
  /** Finds or makes the port `octavia-lb-member-<amphora>` on a network, with an address in each subnet and in no other. */
  ensureMemberPort(
    amphoraId: string,
    loadBalancerId: string,
    networkId: string,
    subnetIds: readonly string[],
  ): Promise<PortDetails>;
  /** Ports made for an amphora, so that a clean-up finds those whose id was lost. */
  portsOf(amphoraId: string): Promise<readonly Port[]>;
  portDetails(portId: string): Promise<PortDetails | null>;
  deletePort(portId: string): Promise<void>;
  /** Everything that these methods have made and that exists, so that what nobody owns any more is found. */
  made(): Promise<readonly MadeThing[]>;
}
