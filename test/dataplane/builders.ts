/** Graphs for tests: everything has a default, ids are readable numbers. */
import type {
  Amphora,
  HealthMonitor,
  Listener,
  LoadBalancerGraph,
  Member,
  Pool,
  SessionPersistence,
  Vip,
} from '../../model/graph.ts';
import type { Subnet } from '../../model/network.ts';

/** `id(7)` is 00000000-0000-4000-8000-000000000007. */
export function id(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function aVip(over: Partial<Vip> = {}): Vip {
  return { address: '203.0.113.10', subnetId: id(901), networkId: id(902), portId: id(903), ...over };
}

export function aMember(number: number, over: Partial<Member> = {}): Member {
  return {
    id: id(400 + number),
    address: `192.0.2.${number}`,
    protocolPort: 8080,
    weight: 1,
    backup: false,
    adminStateUp: true,
    subnetId: null,
    monitorAddress: null,
    monitorPort: null,
    provisioningStatus: 'ACTIVE',
    operatingStatus: 'NO_MONITOR',
    ...over,
  };
}

export function aMonitor(over: Partial<HealthMonitor> = {}): HealthMonitor {
  return {
    id: id(500),
    type: 'HTTP',
    delay: 5,
    timeout: 3,
    maxRetries: 2,
    maxRetriesDown: 3,
    httpMethod: 'GET',
    urlPath: '/',
    expectedCodes: '200',
    httpVersion: null,
    domainName: null,
    adminStateUp: true,
    provisioningStatus: 'ACTIVE',
    ...over,
  };
}

export function aPersistence(over: Partial<SessionPersistence> = {}): SessionPersistence {
  return { type: 'SOURCE_IP', cookieName: null, persistenceTimeout: null, persistenceGranularity: null, ...over };
}

export function aPool(over: Partial<Pool> = {}): Pool {
  return {
    id: id(300),
    name: 'pool',
    protocol: 'HTTP',
    algorithm: 'ROUND_ROBIN',
    adminStateUp: true,
    sessionPersistence: null,
    provisioningStatus: 'ACTIVE',
    operatingStatus: 'ONLINE',
    members: [aMember(1), aMember(2)],
    healthMonitor: null,
    ...over,
  };
}

export function aListener(over: Partial<Listener> = {}): Listener {
  return {
    id: id(200),
    name: 'listener',
    protocol: 'HTTP',
    protocolPort: 80,
    connectionLimit: -1,
    adminStateUp: true,
    defaultPoolId: id(300),
    insertHeaders: {},
    timeoutClientData: 50_000,
    timeoutMemberConnect: 5_000,
    timeoutMemberData: 50_000,
    timeoutTcpInspect: 0,
    allowedCidrs: [],
    peerPort: 1025,
    provisioningStatus: 'ACTIVE',
    operatingStatus: 'ONLINE',
    ...over,
  };
}

export function anAmphora(number: number, over: Partial<Amphora> = {}): Amphora {
  return {
    id: id(600 + number),
    status: 'ALLOCATED',
    role: 'STANDALONE',
    lbNetworkIp: `198.51.100.${number}`,
    computeId: null,
    computeHost: null,
    vrrpIp: `203.0.113.${100 + number}`,
    haIp: '203.0.113.10',
    vrrpPortId: id(700 + number),
    haPortId: id(903),
    vrrpInterface: 'eth1',
    vrrpId: 1,
    vrrpPriority: null,
    ...over,
  };
}

export function aLoadBalancer(over: Partial<LoadBalancerGraph> = {}): LoadBalancerGraph {
  return {
    id: id(100),
    projectId: 'e3cd678b11784734bc366148aa37580e',
    name: 'web',
    adminStateUp: true,
    topology: 'SINGLE',
    provisioningStatus: 'PENDING_UPDATE',
    sequence: 7,
    vips: [aVip()],
    listeners: [aListener()],
    pools: [aPool()],
    amphorae: [anAmphora(1)],
    vrrpGroup: null,
    ...over,
  };
}

/** An ACTIVE_STANDBY load balancer with both amphorae in service. */
export function aPair(over: Partial<LoadBalancerGraph> = {}): LoadBalancerGraph {
  return aLoadBalancer({
    topology: 'ACTIVE_STANDBY',
    amphorae: [anAmphora(1, { role: 'MASTER', vrrpPriority: 100 }), anAmphora(2, { role: 'BACKUP', vrrpPriority: 90 })],
    vrrpGroup: { name: id(100).replaceAll('-', ''), authPassword: 'abc1234', advertInterval: 1 },
    ...over,
  });
}

export function aSubnet(over: Partial<Subnet> = {}): Subnet {
  return {
    id: id(901),
    name: 'vip-subnet',
    networkId: id(902),
    cidr: '203.0.113.0/24',
    ipVersion: 4,
    gatewayIp: '203.0.113.1',
    hostRoutes: [],
    projectId: null,
    ...over,
  };
}
