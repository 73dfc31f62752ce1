/**
 * The tables, as kysely sees them. Names of tables and columns are Octavia's API names where it has one
 * (Octavia: db/models.py, api/v2/types). Timestamps are UTC with microseconds, kept as text so that none are lost.
 */
import type { ColumnType, Generated, Selectable } from 'kysely';
import type { Algorithm, ListenerProtocol, MonitorType, PersistenceType, PoolProtocol } from '../model/graph.ts';
import type { HostRoute } from '../model/network.ts';
import type { Cause, OperationKind, OperationState, ResourceType, StepRecord } from '../model/operation.ts';
import type { AmphoraRole, AmphoraStatus, OperatingStatus, ProvisioningStatus, Topology } from '../model/status.ts';

/** `timestamp without time zone` in UTC, read as `2026-11-21 10:00:08.197419`. */
type Timestamp = ColumnType<string, string | undefined, string>;
type NullableTimestamp = ColumnType<string | null, string | null | undefined, string | null>;
/** bigint, read as a number: none of ours leaves the safe range. */
type BigInteger = ColumnType<number, number | undefined, number>;
type Json<T> = ColumnType<T, string, string>;
/** Empty unless written. */
type JsonList<T> = ColumnType<readonly T[], string | undefined, string>;
type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;

interface Resource {
  id: Generated<string>;
  project_id: string;
  name: Generated<string>;
  provisioning_status: ProvisioningStatus;
  operating_status: OperatingStatus;
  admin_state_up: Generated<boolean>;
  tags: Generated<string[]>;
  created_at: Timestamp;
  updated_at: NullableTimestamp;
}

export interface LoadBalancerTable extends Resource {
  description: Generated<string>;
  topology: Topology;
  provider: string;
  flavor_id: string | null;
  availability_zone: string | null;
  vip_address: string | null;
  vip_port_id: string | null;
  vip_subnet_id: string | null;
  vip_network_id: string | null;
  vip_qos_policy_id: string | null;
  vip_vnic_type: Generated<string>;
  vip_sg_ids: Generated<string[]>;
  /** Whether the VIP port was made for this load balancer and is deleted with it. */
  vip_owned: Generated<boolean>;
  /** False until the first step of the create flow has the VIP; such a row is neither listed nor shown. */
  vip_ready: Generated<boolean>;
  /** The number of the last operation accepted. */
  sequence: BigInteger;
}

export interface AdditionalVipTable {
  load_balancer_id: string;
  subnet_id: string;
  network_id: string | null;
  port_id: string | null;
  ip_address: string | null;
  position: number;
}

export interface ListenerTable extends Resource {
  description: Generated<string>;
  load_balancer_id: string;
  protocol: ListenerProtocol;
  protocol_port: number;
  connection_limit: Generated<number>;
  default_pool_id: string | null;
  insert_headers: Json<Record<string, string>>;
  timeout_client_data: number;
  timeout_member_connect: number;
  timeout_member_data: number;
  timeout_tcp_inspect: number;
  allowed_cidrs: string[] | null;
  default_tls_container_ref: string | null;
  sni_container_refs: Generated<string[]>;
  client_ca_tls_container_ref: string | null;
  client_authentication: Generated<string>;
  client_crl_container_ref: string | null;
  tls_ciphers: string | null;
  tls_versions: string[] | null;
  alpn_protocols: string[] | null;
  hsts_max_age: number | null;
  hsts_include_subdomains: Generated<boolean>;
  hsts_preload: Generated<boolean>;
  peer_port: number;
}

export interface StoredSessionPersistence {
  type: PersistenceType;
  cookie_name: string | null;
  persistence_timeout: number | null;
  persistence_granularity: string | null;
}

export interface PoolTable extends Resource {
  description: Generated<string>;
  load_balancer_id: string;
  protocol: PoolProtocol;
  lb_algorithm: Algorithm;
  session_persistence: NullableJson<StoredSessionPersistence>;
  tls_enabled: Generated<boolean>;
  tls_container_ref: string | null;
  ca_tls_container_ref: string | null;
  crl_container_ref: string | null;
  tls_ciphers: string | null;
  tls_versions: string[] | null;
  alpn_protocols: string[] | null;
}

export interface MemberTable extends Resource {
  pool_id: string;
  address: string;
  protocol_port: number;
  weight: Generated<number>;
  backup: Generated<boolean>;
  subnet_id: string | null;
  monitor_address: string | null;
  monitor_port: number | null;
  vnic_type: Generated<string>;
}

export interface HealthMonitorTable extends Resource {
  pool_id: string;
  type: MonitorType;
  delay: number;
  timeout: number;
  max_retries: number;
  max_retries_down: Generated<number>;
  http_method: string | null;
  url_path: string | null;
  expected_codes: string | null;
  http_version: number | null;
  domain_name: string | null;
}

export interface AmphoraTable {
  id: string;
  load_balancer_id: string | null;
  compute_id: string | null;
  /** The compute host whose worker owns it (task queue `host/<name>`); null where a cloud's API places it. */
  compute_host: string | null;
  status: AmphoraStatus;
  role: AmphoraRole | null;
  lb_network_ip: string | null;
  vrrp_ip: string | null;
  ha_ip: string | null;
  vrrp_port_id: string | null;
  ha_port_id: string | null;
  vrrp_interface: string | null;
  vrrp_id: number | null;
  vrrp_priority: number | null;
  cert_expiration: NullableTimestamp;
  cert_busy: Generated<boolean>;
  cached_zone: string | null;
  image_id: string | null;
  compute_flavor: string | null;
  created_at: Timestamp;
  updated_at: NullableTimestamp;
}

/** The amphora's certificate and key, encrypted with the controller's secret key. */
export interface AmphoraCertificateTable {
  amphora_id: string;
  sealed_pem: string;
}

export interface AmphoraHealthTable {
  amphora_id: string;
  last_update: Timestamp;
  busy: Generated<boolean>;
}

/** A port that an amphora has on a member network. */
export interface AmphoraMemberPortTable {
  port_id: string;
  amphora_id: string;
  network_id: string;
  /** The subnets that the amphora's interface is configured for; none until it is. */
  plugged_subnet_ids: Generated<string[]>;
}

export interface VrrpGroupTable {
  load_balancer_id: string;
  vrrp_group_name: string;
  vrrp_auth_pass: string;
  advert_int: number;
}

export interface ListenerStatisticsTable {
  listener_id: string;
  amphora_id: string;
  bytes_in: BigInteger;
  bytes_out: BigInteger;
  active_connections: BigInteger;
  total_connections: BigInteger;
  request_errors: BigInteger;
}

/** What was asked for, and how it went: the outbox that workflows are started from, and the record that stays. */
export interface OperationTable {
  id: Generated<string>;
  load_balancer_id: string;
  sequence: number;
  kind: OperationKind;
  resource_type: ResourceType;
  resource_id: string;
  project_id: string;
  request_id: string | null;
  /** Ids and flags that the flow needs besides; never rows, never secrets. */
  arguments: Json<Record<string, unknown>>;
  /** The request's body as it was understood; null for one without, and where nobody asked. */
  asked: NullableJson<unknown>;
  state: Generated<OperationState>;
  /** Why it failed, for an operator. */
  reason: string | null;
  /** The same as a chain, outermost first. */
  causes: JsonList<Cause>;
  /** What its flow did; written when the operation is closed. */
  steps: JsonList<StepRecord>;
  /** Who asked for it; null where nobody did. */
  user_id: ColumnType<string | null, string | null | undefined, string | null>;
  /** What the thing and its load balancer were called then. */
  resource_name: Generated<string>;
  load_balancer_name: Generated<string>;
  created_at: Timestamp;
  started_at: NullableTimestamp;
  finished_at: NullableTimestamp;
}

/** A compute host: the machine on which `weir host` runs. */
export interface ComputeHostTable {
  name: string;
  availability_zone: string | null;
  memory_mb: number;
  last_seen: Timestamp;
}

export interface NetworkTable {
  id: Generated<string>;
  project_id: string | null;
  name: Generated<string>;
  mtu: Generated<number>;
  created_at: Timestamp;
}

export interface SubnetTable {
  id: Generated<string>;
  project_id: string | null;
  network_id: string;
  name: Generated<string>;
  cidr: string;
  ip_version: number;
  gateway_ip: string | null;
  host_routes: Json<HostRoute[]>;
  created_at: Timestamp;
}

export interface PortTable {
  id: Generated<string>;
  project_id: string | null;
  network_id: string;
  name: Generated<string>;
  mac_address: string;
  device_id: Generated<string>;
  device_owner: Generated<string>;
  admin_state_up: Generated<boolean>;
  allowed_addresses: Generated<string[]>;
  security_group_ids: Generated<string[]>;
  created_at: Timestamp;
}

/** An address of a port: unique in its subnet. */
export interface PortAddressTable {
  port_id: string;
  subnet_id: string;
  address: string;
}

export interface SecurityGroupTable {
  id: Generated<string>;
  project_id: string | null;
  name: string;
  rules: Json<{ protocol: string; port: number | null; cidr: string | null }[]>;
}

/** One row a certificate authority, the one in use has the newest `created_at`; the key is encrypted. */
export interface CertificateAuthorityTable {
  id: Generated<string>;
  certificate_pem: string;
  sealed_key: string;
  created_at: Timestamp;
  not_after: Timestamp;
}

/** A place among the machines that boot at the same time (Octavia: amphora_build_slots, amphora_build_request). */
export interface BuildSlotTable {
  amphora_id: string;
  /** The lower the sooner. */
  priority: number;
  requested_at: Timestamp;
  /** Null while it waits. */
  taken_at: NullableTimestamp;
}

export interface Database {
  load_balancer: LoadBalancerTable;
  additional_vip: AdditionalVipTable;
  listener: ListenerTable;
  pool: PoolTable;
  member: MemberTable;
  health_monitor: HealthMonitorTable;
  amphora: AmphoraTable;
  amphora_certificate: AmphoraCertificateTable;
  amphora_health: AmphoraHealthTable;
  amphora_member_port: AmphoraMemberPortTable;
  vrrp_group: VrrpGroupTable;
  listener_statistics: ListenerStatisticsTable;
  operation: OperationTable;
  build_slot: BuildSlotTable;
  compute_host: ComputeHostTable;
  network: NetworkTable;
  subnet: SubnetTable;
  port: PortTable;
  port_address: PortAddressTable;
  security_group: SecurityGroupTable;
  certificate_authority: CertificateAuthorityTable;
}

export type LoadBalancerRow = Selectable<LoadBalancerTable>;

export type ListenerRow = Selectable<ListenerTable>;
export type PoolRow = Selectable<PoolTable>;
export type MemberRow = Selectable<MemberTable>;
export type HealthMonitorRow = Selectable<HealthMonitorTable>;
export type AmphoraRow = Selectable<AmphoraTable>;
export type OperationRow = Selectable<OperationTable>;
