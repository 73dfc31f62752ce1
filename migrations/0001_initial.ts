import { sql, type Kysely } from 'kysely';

/** Load balancers and their children, amphorae, operations, and the networks of the `linux` network driver. */
const createTables = `
create table load_balancer (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  name text not null default '',
  description text not null default '',
  provisioning_status text not null,
  operating_status text not null,
  admin_state_up boolean not null default true,
  tags text[] not null default '{}',
  topology text not null check (topology in ('SINGLE', 'ACTIVE_STANDBY')),
  provider text not null,
  flavor_id uuid,
  availability_zone text,
  vip_address text,
  vip_port_id uuid,
  vip_subnet_id uuid,
  vip_network_id uuid,
  vip_qos_policy_id uuid,
  vip_vnic_type text not null default 'normal',
  vip_sg_ids uuid[] not null default '{}',
  vip_owned boolean not null default false,
  vip_ready boolean not null default false,
  sequence bigint not null default 0,
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  updated_at timestamp
);
create index load_balancer_by_project on load_balancer (project_id, created_at, id);
create index load_balancer_by_age on load_balancer (created_at, id);

create table additional_vip (
  load_balancer_id uuid not null references load_balancer on delete cascade,
  subnet_id uuid not null,
  network_id uuid,
  port_id uuid,
  ip_address text,
  position integer not null,
  primary key (load_balancer_id, subnet_id)
);

create table pool (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  name text not null default '',
  description text not null default '',
  provisioning_status text not null,
  operating_status text not null,
  admin_state_up boolean not null default true,
  tags text[] not null default '{}',
  load_balancer_id uuid not null references load_balancer on delete cascade,
  protocol text not null,
  lb_algorithm text not null,
  session_persistence jsonb,
  tls_enabled boolean not null default false,
  tls_container_ref text,
  ca_tls_container_ref text,
  crl_container_ref text,
  tls_ciphers text,
  tls_versions text[],
  alpn_protocols text[],
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  updated_at timestamp
);
create index pool_by_load_balancer on pool (load_balancer_id);
create index pool_by_project on pool (project_id, created_at, id);

create table listener (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  name text not null default '',
  description text not null default '',
  provisioning_status text not null,
  operating_status text not null,
  admin_state_up boolean not null default true,
  tags text[] not null default '{}',
  load_balancer_id uuid not null references load_balancer on delete cascade,
  protocol text not null,
  protocol_port integer not null check (protocol_port between 1 and 65535),
  connection_limit integer not null default -1,
  default_pool_id uuid references pool on delete set null,
  insert_headers jsonb not null default '{}',
  timeout_client_data integer not null,
  timeout_member_connect integer not null,
  timeout_member_data integer not null,
  timeout_tcp_inspect integer not null,
  allowed_cidrs text[],
  default_tls_container_ref text,
  sni_container_refs text[] not null default '{}',
  client_ca_tls_container_ref text,
  client_authentication text not null default 'NONE',
  client_crl_container_ref text,
  tls_ciphers text,
  tls_versions text[],
  alpn_protocols text[],
  hsts_max_age integer,
  hsts_include_subdomains boolean not null default false,
  hsts_preload boolean not null default false,
  peer_port integer not null,
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  updated_at timestamp,
  unique (load_balancer_id, protocol, protocol_port)
);
create index listener_by_project on listener (project_id, created_at, id);
create index listener_by_default_pool on listener (default_pool_id);

create table member (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  name text not null default '',
  provisioning_status text not null,
  operating_status text not null,
  admin_state_up boolean not null default true,
  tags text[] not null default '{}',
  pool_id uuid not null references pool on delete cascade,
  address text not null,
  protocol_port integer not null check (protocol_port between 1 and 65535),
  weight integer not null default 1 check (weight between 0 and 256),
  backup boolean not null default false,
  subnet_id uuid,
  monitor_address text,
  monitor_port integer,
  vnic_type text not null default 'normal',
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  updated_at timestamp,
  unique (pool_id, address, protocol_port)
);

create table health_monitor (
  id uuid primary key default gen_random_uuid(),
  project_id text not null,
  name text not null default '',
  provisioning_status text not null,
  operating_status text not null,
  admin_state_up boolean not null default true,
  tags text[] not null default '{}',
  pool_id uuid not null unique references pool on delete cascade,
  type text not null,
  delay integer not null,
  timeout integer not null,
  max_retries integer not null,
  max_retries_down integer not null default 3,
  http_method text,
  url_path text,
  expected_codes text,
  http_version double precision,
  domain_name text,
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  updated_at timestamp
);

create table amphora (
  id uuid primary key,
  load_balancer_id uuid references load_balancer on delete set null,
  compute_id text,
  compute_host text,
  status text not null,
  role text,
  lb_network_ip text,
  vrrp_ip text,
  ha_ip text,
  vrrp_port_id uuid,
  ha_port_id uuid,
  vrrp_interface text,
  vrrp_id integer,
  vrrp_priority integer,
  cert_expiration timestamp,
  cert_busy boolean not null default false,
  cached_zone text,
  image_id text,
  compute_flavor text,
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  updated_at timestamp
);
create index amphora_by_load_balancer on amphora (load_balancer_id);

create table amphora_certificate (
  amphora_id uuid primary key references amphora on delete cascade,
  sealed_pem text not null
);

create table amphora_health (
  amphora_id uuid primary key,
  last_update timestamp not null,
  busy boolean not null default false
);

create table amphora_member_port (
  port_id uuid primary key,
  amphora_id uuid not null references amphora on delete cascade,
  network_id uuid not null,
  unique (amphora_id, network_id)
);

create table vrrp_group (
  load_balancer_id uuid primary key references load_balancer on delete cascade,
  vrrp_group_name text not null,
  vrrp_auth_pass text not null,
  advert_int integer not null
);

create table listener_statistics (
  listener_id uuid not null references listener on delete cascade,
  amphora_id uuid not null,
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  active_connections bigint not null default 0,
  total_connections bigint not null default 0,
  request_errors bigint not null default 0,
  primary key (listener_id, amphora_id)
);

create table operation (
  id uuid primary key default gen_random_uuid(),
  load_balancer_id uuid not null,
  sequence bigint not null,
  kind text not null,
  resource_type text not null,
  resource_id uuid not null,
  project_id text not null,
  request_id text,
  arguments jsonb not null default '{}',
  state text not null default 'accepted',
  reason text,
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  started_at timestamp,
  finished_at timestamp,
  unique (load_balancer_id, sequence)
);
create index operation_unfinished on operation (created_at) where state in ('accepted', 'started');

create table compute_host (
  name text primary key,
  availability_zone text,
  memory_mb integer not null,
  last_seen timestamp not null
);

create table network (
  id uuid primary key default gen_random_uuid(),
  project_id text,
  name text not null default '',
  mtu integer not null default 1500,
  created_at timestamp not null default (clock_timestamp() at time zone 'utc')
);

create table subnet (
  id uuid primary key default gen_random_uuid(),
  project_id text,
  network_id uuid not null references network on delete cascade,
  name text not null default '',
  cidr text not null,
  ip_version integer not null,
  gateway_ip text,
  host_routes jsonb not null default '[]',
  created_at timestamp not null default (clock_timestamp() at time zone 'utc')
);
create index subnet_by_network on subnet (network_id);

create table port (
  id uuid primary key default gen_random_uuid(),
  project_id text,
  network_id uuid not null references network,
  name text not null default '',
  mac_address text not null unique,
  device_id text not null default '',
  device_owner text not null default '',
  admin_state_up boolean not null default true,
  allowed_addresses text[] not null default '{}',
  security_group_ids uuid[] not null default '{}',
  created_at timestamp not null default (clock_timestamp() at time zone 'utc')
);
create unique index port_of_octavia on port (name, network_id) where device_owner = 'Octavia';
create index port_by_device on port (device_id);

create table port_address (
  port_id uuid not null references port on delete cascade,
  subnet_id uuid not null references subnet,
  address text not null,
  primary key (subnet_id, address)
);
create index port_address_by_port on port_address (port_id);

create table security_group (
  id uuid primary key default gen_random_uuid(),
  project_id text,
  name text not null unique,
  rules jsonb not null default '[]'
);

create table certificate_authority (
  id uuid primary key default gen_random_uuid(),
  certificate_pem text not null,
  sealed_key text not null,
  created_at timestamp not null default (clock_timestamp() at time zone 'utc'),
  not_after timestamp not null
);
`;

const tables = [
  'certificate_authority',
  'security_group',
  'port_address',
  'port',
  'subnet',
  'network',
  'compute_host',
  'operation',
  'listener_statistics',
  'vrrp_group',
  'amphora_member_port',
  'amphora_health',
  'amphora_certificate',
  'amphora',
  'health_monitor',
  'member',
  'listener',
  'pool',
  'additional_vip',
  'load_balancer',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(createTables).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of tables) await sql`drop table ${sql.table(table)}`.execute(db);
}
