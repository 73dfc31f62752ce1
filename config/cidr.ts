import ipaddr from 'ipaddr.js';

/** The first usable address of an IPv4 network: `172.29.0.1` of `172.29.0.0/16`. Throws when `cidr` is none. */
export function firstAddress(cidr: string): string {
  const octets = ipaddr.IPv4.networkAddressFromCIDR(cidr).toByteArray();
  octets[3] = (octets[3] ?? 0) + 1;
  return octets.join('.');
}
