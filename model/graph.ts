/**
 * A load balancer with all that belongs to it, as plain data: what the data plane is rendered from.
 * Times in milliseconds unless the name says otherwise, health monitor times in seconds as in Octavia's API.
 */
import { serves } from './status.ts';
import type { AmphoraRole, AmphoraStatus, OperatingStatus, ProvisioningStatus, Topology } from './status.ts';

export const listenerProtocols = ['TCP', 'HTTP', 'HTTPS', 'TERMINATED_HTTPS', 'UDP', 'SCTP', 'PROMETHEUS'] as const;
export type ListenerProtocol = (typeof listenerProtocols)[number];

export const poolProtocols = ['TCP', 'HTTP', 'HTTPS', 'PROXY', 'PROXYV2', 'UDP', 'SCTP'] as const;
export type PoolProtocol = (typeof poolProtocols)[number];

export const algorithms = ['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP', 'SOURCE_IP_PORT'] as const;
export type Algorithm = (typeof algorithms)[number];

export const persistenceTypes = ['SOURCE_IP', 'HTTP_COOKIE', 'APP_COOKIE'] as const;
export type PersistenceType = (typeof persistenceTypes)[number];

export const monitorTypes = ['HTTP', 'HTTPS', 'PING', 'TCP', 'TLS-HELLO', 'UDP-CONNECT', 'SCTP'] as const;
export type MonitorType = (typeof monitorTypes)[number];

export interface Vip {
  readonly address: string;
  readonly subnetId: string;
  readonly networkId: string;
  readonly portId: string;
}

export interface SessionPersistence {
  readonly type: PersistenceType;
  readonly cookieName: string | null;
  readonly persistenceTimeout: number | null;
  readonly persistenceGranularity: string | null;
}

export interface Member {
  readonly id: string;
  readonly address: string;
  readonly protocolPort: number;
  readonly weight: number;
  readonly backup: boolean;
  readonly adminStateUp: boolean;
  readonly subnetId: string | null;
  readonly monitorAddress: string | null;
  readonly monitorPort: number | null;
  readonly provisioningStatus: ProvisioningStatus;
  readonly operatingStatus: OperatingStatus;
}

export interface HealthMonitor {
  readonly id: string;
  readonly type: MonitorType;
  readonly delay: number;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly maxRetriesDown: number;
  readonly httpMethod: string | null;
  readonly urlPath: string | null;
  readonly expectedCodes: string | null;
  readonly httpVersion: number | null;
  readonly domainName: string | null;
  readonly adminStateUp: boolean;
  readonly provisioningStatus: ProvisioningStatus;
}

export interface Pool {
  readonly id: string;
  readonly name: string;
  readonly protocol: PoolProtocol;
  readonly algorithm: Algorithm;
  readonly adminStateUp: boolean;
  readonly sessionPersistence: SessionPersistence | null;
  readonly provisioningStatus: ProvisioningStatus;
  readonly operatingStatus: OperatingStatus;
  readonly members: readonly Member[];
  readonly healthMonitor: HealthMonitor | null;
}

export interface Listener {
  readonly id: string;
  readonly name: string;
  readonly protocol: ListenerProtocol;
  readonly protocolPort: number;
  /** -1 is unlimited. */
  readonly connectionLimit: number;
  readonly adminStateUp: boolean;
  readonly defaultPoolId: string | null;
  readonly insertHeaders: Readonly<Record<string, string>>;
  readonly timeoutClientData: number;
  readonly timeoutMemberConnect: number;
  readonly timeoutMemberData: number;
  readonly timeoutTcpInspect: number;
  readonly allowedCidrs: readonly string[];
  readonly peerPort: number;
  readonly provisioningStatus: ProvisioningStatus;
  readonly operatingStatus: OperatingStatus;
}

export interface Amphora {
  readonly id: string;
  readonly status: AmphoraStatus;
  readonly role: AmphoraRole | null;
  /** Address on the management network, where the agent listens on :9443. */
  readonly lbNetworkIp: string | null;
  readonly computeId: string | null;
  /** The compute host whose worker owns this amphora; null where a cloud's API places it. */
  readonly computeHost: string | null;
  readonly vrrpIp: string | null;
  readonly haIp: string | null;
  readonly vrrpPortId: string | null;
  readonly haPortId: string | null;
  readonly vrrpInterface: string | null;
  readonly vrrpId: number | null;
  readonly vrrpPriority: number | null;
}

/** The VRRP group of an ACTIVE_STANDBY pair; `advertInterval` in seconds. */
export interface VrrpGroup {
  readonly name: string;
  readonly authPassword: string;
  readonly advertInterval: number;
}

export interface LoadBalancerGraph {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly adminStateUp: boolean;
  readonly topology: Topology;
  readonly provisioningStatus: ProvisioningStatus;
  /** Grows by one with each operation; rendered into the configuration, so that an older one is never applied over a newer. */
  readonly sequence: number;
  /** The primary VIP first. */
  readonly vips: readonly Vip[];
  readonly listeners: readonly Listener[];
  readonly pools: readonly Pool[];
  /** Those not yet DELETED. */
  readonly amphorae: readonly Amphora[];
  readonly vrrpGroup: VrrpGroup | null;
}

/** The amphorae that carry traffic and are to be told of changes. */
export const servingAmphorae = ({ amphorae }: LoadBalancerGraph): readonly Amphora[] =>
  amphorae.filter(({ status }) => serves(status));
