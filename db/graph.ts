/** Reads a load balancer with all that belongs to it. */
import type { Amphora, HealthMonitor, Listener, LoadBalancerGraph, Member, Pool, Vip } from '../model/graph.ts';
import type { Db } from './database.ts';
import type {
  AmphoraRow,
  HealthMonitorRow,
  ListenerRow,
  LoadBalancerRow,
  MemberRow,
  PoolRow,
  StoredSessionPersistence,
} from './schema.ts';

/** The graph of a load balancer that is not DELETED, or null. */
export async function loadGraph(db: Db, id: string): Promise<LoadBalancerGraph | null> {
  const row = await db
    .selectFrom('load_balancer')
    .selectAll()
    .where('id', '=', id)
    .where('provisioning_status', '!=', 'DELETED')
    .executeTakeFirst();
  if (row === undefined) return null;
  const [listeners, pools, amphorae, group, additional] = await Promise.all([
    db
      .selectFrom('listener')
      .selectAll()
      .where('load_balancer_id', '=', id)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),
    loadPools(db, id),
    loadAmphorae(db, id),
    db.selectFrom('vrrp_group').selectAll().where('load_balancer_id', '=', id).executeTakeFirst(),
    db.selectFrom('additional_vip').selectAll().where('load_balancer_id', '=', id).orderBy('position').execute(),
  ]);
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    adminStateUp: row.admin_state_up,
    topology: row.topology,
    provisioningStatus: row.provisioning_status,
    sequence: row.sequence,
    vips: [
      ...primaryVip(row),
      ...additional.flatMap((vip) => vipOf(vip.ip_address, vip.subnet_id, vip.network_id, vip.port_id)),
    ],
    listeners: listeners.map(listenerOf),
    pools,
    amphorae,
    vrrpGroup:
      group === undefined
        ? null
        : { name: group.vrrp_group_name, authPassword: group.vrrp_auth_pass, advertInterval: group.advert_int },
  };
}

/** The amphorae of a load balancer that are not DELETED, oldest first. */
export async function loadAmphorae(db: Db, loadBalancerId: string): Promise<Amphora[]> {
  const rows = await db
    .selectFrom('amphora')
    .selectAll()
    .where('load_balancer_id', '=', loadBalancerId)
    .where('status', '!=', 'DELETED')
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(amphoraOf);
}

async function loadPools(db: Db, loadBalancerId: string): Promise<Pool[]> {
  const [pools, members, monitors] = await Promise.all([
    db
      .selectFrom('pool')
      .selectAll()
      .where('load_balancer_id', '=', loadBalancerId)
      .orderBy('created_at')
      .orderBy('id')
      .execute(),
    db
      .selectFrom('member')
      .innerJoin('pool', 'pool.id', 'member.pool_id')
      .selectAll('member')
      .where('pool.load_balancer_id', '=', loadBalancerId)
      .orderBy('member.created_at')
      .orderBy('member.id')
      .execute(),
    db
      .selectFrom('health_monitor')
      .innerJoin('pool', 'pool.id', 'health_monitor.pool_id')
      .selectAll('health_monitor')
      .where('pool.load_balancer_id', '=', loadBalancerId)
      .execute(),
  ]);
  const monitorOf = new Map(monitors.map((monitor) => [monitor.pool_id, monitor]));
  return pools.map((pool) =>
    poolOf(
      pool,
      members.filter((member) => member.pool_id === pool.id),
      monitorOf.get(pool.id),
    ),
  );
}

function primaryVip(row: LoadBalancerRow): Vip[] {
  return vipOf(row.vip_address, row.vip_subnet_id, row.vip_network_id, row.vip_port_id);
}

function vipOf(
  address: string | null,
  subnetId: string | null,
  networkId: string | null,
  portId: string | null,
): Vip[] {
  if (address === null || subnetId === null || networkId === null || portId === null) return [];
  return [{ address, subnetId, networkId, portId }];
}

function listenerOf(row: ListenerRow): Listener {
  return {
    id: row.id,
    name: row.name,
    protocol: row.protocol,
    protocolPort: row.protocol_port,
    connectionLimit: row.connection_limit,
    adminStateUp: row.admin_state_up,
    defaultPoolId: row.default_pool_id,
    insertHeaders: row.insert_headers,
    timeoutClientData: row.timeout_client_data,
    timeoutMemberConnect: row.timeout_member_connect,
    timeoutMemberData: row.timeout_member_data,
    timeoutTcpInspect: row.timeout_tcp_inspect,
    allowedCidrs: row.allowed_cidrs ?? [],
    peerPort: row.peer_port,
    provisioningStatus: row.provisioning_status,
    operatingStatus: row.operating_status,
  };
}

function poolOf(row: PoolRow, members: readonly MemberRow[], monitor: HealthMonitorRow | undefined): Pool {
  return {
    id: row.id,
    name: row.name,
    protocol: row.protocol,
    algorithm: row.lb_algorithm,
    adminStateUp: row.admin_state_up,
    sessionPersistence: row.session_persistence === null ? null : persistenceOf(row.session_persistence),
    provisioningStatus: row.provisioning_status,
    operatingStatus: row.operating_status,
    members: members.map(memberOf),
    healthMonitor: monitor === undefined ? null : monitorFrom(monitor),
  };
}

function persistenceOf(stored: StoredSessionPersistence): Pool['sessionPersistence'] {
  return {
    type: stored.type,
    cookieName: stored.cookie_name,
    persistenceTimeout: stored.persistence_timeout,
    persistenceGranularity: stored.persistence_granularity,
  };
}

function memberOf(row: MemberRow): Member {
  return {
    id: row.id,
    address: row.address,
    protocolPort: row.protocol_port,
    weight: row.weight,
    backup: row.backup,
    adminStateUp: row.admin_state_up,
    subnetId: row.subnet_id,
    monitorAddress: row.monitor_address,
    monitorPort: row.monitor_port,
    provisioningStatus: row.provisioning_status,
    operatingStatus: row.operating_status,
  };
}

function monitorFrom(row: HealthMonitorRow): HealthMonitor {
  return {
    id: row.id,
    type: row.type,
    delay: row.delay,
    timeout: row.timeout,
    maxRetries: row.max_retries,
    maxRetriesDown: row.max_retries_down,
    httpMethod: row.http_method,
    urlPath: row.url_path,
    expectedCodes: row.expected_codes,
    httpVersion: row.http_version,
    domainName: row.domain_name,
    adminStateUp: row.admin_state_up,
    provisioningStatus: row.provisioning_status,
  };
}

/** An amphora's row as the model has it. */
export function amphoraOf(row: AmphoraRow): Amphora {
  return {
    id: row.id,
    status: row.status,
    role: row.role,
    lbNetworkIp: row.lb_network_ip,
    computeId: row.compute_id,
    computeHost: row.compute_host,
    vrrpIp: row.vrrp_ip,
    haIp: row.ha_ip,
    vrrpPortId: row.vrrp_port_id,
    haPortId: row.ha_port_id,
    vrrpInterface: row.vrrp_interface,
    vrrpId: row.vrrp_id,
    vrrpPriority: row.vrrp_priority,
  };
}
