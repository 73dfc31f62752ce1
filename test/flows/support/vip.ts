/** The VIP of a load balancer as its network has it: the port, and what the security group on it lets in. */
import { sql } from 'kysely';
import type { OperationRow } from '../../../db/schema.ts';
import type { ListenerProtocol } from '../../../model/graph.ts';
import type { Cloud } from './cloud.ts';

interface Rule {
  readonly protocol: string;
  readonly port: number | null;
  readonly cidr: string | null;
}

/** Everything else goes over TCP. */
const datagrams: Partial<Record<ListenerProtocol, string>> = { UDP: 'udp', SCTP: 'sctp' };

/** HAProxy's peers of a pair, and keepalived. */
const ofPair: readonly Rule[] = [
  { protocol: 'tcp', port: 1025, cidr: null },
  { protocol: 'vrrp', port: null, cidr: null },
];

const spoken = ({ protocol, port, cidr }: Rule): string =>
  `${protocol}${port === null ? '' : ` ${port}`} from ${cidr ?? 'anywhere'}`;

/**
 * What the VIP lets in and should not, or keeps out: the port of each listener, from where it may be reached, and what a pair says to
 * itself. Of a listener that could not be changed either way is right. Without its port, or its group on it, a VIP is nothing.
 */
export async function unsecured(
  cloud: Cloud,
  { load_balancer_id: id, resource_id: target }: OperationRow,
  ended: 'succeeded' | 'failed',
): Promise<readonly string[]> {
  const vip = await vipOf(cloud, id);
  if (vip === undefined) return ['the VIP has no port that carries its security group'];
  const listeners = await listenersOf(cloud, id);
  const undecided = new Set(listeners.flatMap((one) => (ended === 'failed' && one.id === target ? [one.port] : [])));
  const decided = (rules: readonly Rule[]): readonly string[] =>
    rules.flatMap((rule) => (rule.port !== null && undecided.has(rule.port) ? [] : [spoken(rule)]));
  const open = decided(vip.rules);
  const right = decided([...listeners.flatMap(rulesOf), ...(vip.topology === 'SINGLE' ? [] : ofPair)]);
  return [
    ...right.filter((rule) => !open.includes(rule)).map((rule) => `the VIP keeps out ${rule}`),
    ...open.filter((rule) => !right.includes(rule)).map((rule) => `the VIP lets in ${rule}`),
  ];
}

function vipOf(cloud: Cloud, id: string) {
  return cloud.database.db
    .selectFrom('load_balancer')
    .innerJoin('port', 'port.id', 'load_balancer.vip_port_id')
    .innerJoin('security_group', (join) => join.on(sql<boolean>`security_group.id = any(port.security_group_ids)`))
    .select(['load_balancer.topology', 'security_group.rules'])
    .where('load_balancer.id', '=', id)
    .where('security_group.name', '=', `lb-${id}`)
    .executeTakeFirst();
}

interface Served {
  readonly id: string;
  readonly protocol: ListenerProtocol;
  readonly port: number;
  readonly cidrs: readonly string[] | null;
}

function listenersOf(cloud: Cloud, id: string): Promise<readonly Served[]> {
  return cloud.database.db
    .selectFrom('listener')
    .select(['id', 'protocol', 'protocol_port as port', 'allowed_cidrs as cidrs'])
    .where('load_balancer_id', '=', id)
    .execute();
}

function rulesOf({ protocol, port, cidrs }: Served): readonly Rule[] {
  const from = cidrs === null || cidrs.length === 0 ? [null] : cidrs;
  return from.map((cidr) => ({ protocol: datagrams[protocol] ?? 'tcp', port, cidr }));
}
