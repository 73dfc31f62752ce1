import type { Subnet } from '../model/network.ts';

/** A VIP with the subnet that it lives in. */
export interface VipInSubnet {
  readonly address: string;
  readonly subnet: Subnet;
}

/** The primary VIP first, the others by address. */
export function orderVips<T extends { readonly address: string }>(vips: readonly T[], primary: string): readonly T[] {
  const rank = (vip: T): string => `${vip.address === primary ? 0 : 1}${vip.address}`;
  return vips.toSorted((a, b) => (rank(a) < rank(b) ? -1 : Number(rank(a) > rank(b))));
}
