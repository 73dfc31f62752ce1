import type { FixedIp } from './network.ts';

/** What the VIP of a load balancer must be. Given parts are binding, null ones are chosen. */
export interface VipRequest {
  readonly loadBalancerId: string;
  readonly projectId: string;
  readonly portId: string | null;
  readonly networkId: string | null;
  readonly subnetId: string | null;
  readonly address: string | null;
  readonly additional: readonly { readonly subnetId: string; readonly address: string | null }[];
  readonly securityGroupIds: readonly string[];
}

export interface AllocatedVip {
  readonly portId: string;
  readonly networkId: string;
  readonly subnetId: string;
  readonly address: string;
  /** True when the port was made for this load balancer and goes with it. */
  readonly owned: boolean;
  readonly additional: readonly (FixedIp & { readonly portId: string; readonly networkId: string })[];
}
