import { describe, expect, test } from 'vitest';
import { upstreamPaths } from '../../../dataplane/haproxy/configuration.ts';
import { peerName } from '../../../dataplane/haproxy/peers.ts';
import { renderHaproxy } from '../../../dataplane/haproxy/render.ts';
import type { HealthMonitor, Listener, LoadBalancerGraph, Pool } from '../../../model/graph.ts';
import {
  aListener,
  aLoadBalancer,
  aMember,
  aMonitor,
  anAmphora,
  aPair,
  aPersistence,
  aPool,
  aVip,
  id,
} from '../builders.ts';
import { golden } from '../golden.ts';
import { haproxyAccepts } from '../real-tools.ts';

const withPool = (pool: Partial<Pool>, listener: Partial<Listener> = {}): LoadBalancerGraph =>
  aLoadBalancer({ listeners: [aListener(listener)], pools: [aPool(pool)] });
const withMonitor = (monitor: Partial<HealthMonitor>): LoadBalancerGraph =>
  withPool({ healthMonitor: aMonitor(monitor) });

const features: Readonly<Record<string, LoadBalancerGraph>> = {
  'listener-http': aLoadBalancer(),
  'listener-https': withPool({ protocol: 'HTTPS' }, { protocol: 'HTTPS', protocolPort: 443 }),
  'listener-tcp': withPool({ protocol: 'TCP' }, { protocol: 'TCP', protocolPort: 5432, timeoutTcpInspect: 1_000 }),
  'listener-tcp-http-pool': withPool(
    { protocol: 'HTTP' },
    { protocol: 'TCP', insertHeaders: { 'X-Forwarded-For': 'true' } },
  ),
  'listener-limits': withPool(
    {},
    { connectionLimit: 2_000, timeoutClientData: 1, timeoutMemberConnect: 2, timeoutMemberData: 3 },
  ),
  'listener-allowed-cidrs': withPool({}, { allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'] }),
  'listener-without-pool': aLoadBalancer({ listeners: [aListener({ defaultPoolId: null })], pools: [] }),
  'listeners-sharing-a-pool': aLoadBalancer({
    listeners: [aListener({ id: id(202), protocolPort: 8080 }), aListener({ id: id(201) })],
  }),
  'insert-headers': withPool(
    {},
    {
      insertHeaders: {
        'X-Forwarded-For': 'true',
        'X-Forwarded-Port': 'TRUE',
        'X-Forwarded-Proto': 'true',
        Other: 'true',
      },
    },
  ),
  'insert-headers-off': withPool({}, { insertHeaders: { 'X-Forwarded-For': 'false' } }),
  'algorithm-least-connections': withPool({ algorithm: 'LEAST_CONNECTIONS' }),
  'algorithm-source-ip': withPool({ algorithm: 'SOURCE_IP' }),
  'persistence-source-ip': withPool({ sessionPersistence: aPersistence() }),
  'persistence-source-ip-pair': aPair({ pools: [aPool({ sessionPersistence: aPersistence() })] }),
  'persistence-http-cookie': withPool({ sessionPersistence: aPersistence({ type: 'HTTP_COOKIE' }) }),
  'persistence-app-cookie': withPool({
    sessionPersistence: aPersistence({ type: 'APP_COOKIE', cookieName: 'JSESSIONID' }),
  }),
  'persistence-app-cookie-pair': aPair({
    pools: [aPool({ sessionPersistence: aPersistence({ type: 'APP_COOKIE', cookieName: 'JSESSIONID' }) })],
  }),
  'monitor-http': withMonitor({}),
  'monitor-http-1.0': withMonitor({
    httpMethod: 'HEAD',
    urlPath: '/health?deep=1',
    httpVersion: 1,
    expectedCodes: '200-204',
  }),
  'monitor-http-1.1': withMonitor({ httpVersion: 1.1, domainName: 'www.example.com', expectedCodes: '404,200,301' }),
  'monitor-https': withMonitor({ type: 'HTTPS' }),
  'monitor-tcp': withMonitor({ type: 'TCP' }),
  'monitor-tls-hello': withMonitor({ type: 'TLS-HELLO' }),
  'monitor-ping': withMonitor({ type: 'PING' }),
  'monitor-disabled': withMonitor({ adminStateUp: false }),
  'pool-proxy': withPool({ protocol: 'PROXY' }),
  'pool-proxyv2-tcp': withPool({ protocol: 'PROXYV2' }, { protocol: 'TCP' }),
  'pool-disabled': withPool({ adminStateUp: false }),
  members: withPool({
    healthMonitor: aMonitor({ type: 'TCP' }),
    members: [
      aMember(3, { backup: true }),
      aMember(1, { weight: 256 }),
      aMember(2, { adminStateUp: false }),
      aMember(4, { monitorAddress: '192.0.2.99', monitorPort: 9000, weight: 0 }),
      aMember(5, { provisioningStatus: 'PENDING_DELETE' }),
      aMember(6, { address: '2001:db8::6' }),
    ],
  }),
  'members-none': withPool({ members: [] }),
  'leaving-out': aLoadBalancer({
    listeners: [
      aListener(),
      aListener({ id: id(201), protocolPort: 81, adminStateUp: false }),
      aListener({ id: id(202), protocolPort: 82, provisioningStatus: 'PENDING_DELETE' }),
    ],
    pools: [aPool({ provisioningStatus: 'PENDING_DELETE' })],
  }),
  'vips-additional': aLoadBalancer({
    vips: [aVip(), aVip({ address: '2001:db8::10' }), aVip({ address: '203.0.113.11' })],
  }),
  'pair-with-unallocated-peer': aPair({
    amphorae: [anAmphora(1, { status: 'BOOTING' }), anAmphora(2), anAmphora(3, { status: 'ERROR' })],
  }),
};

function render(graph: LoadBalancerGraph): string {
  return renderHaproxy(graph, anAmphora(1), { version: { major: 2, minor: 6 }, paths: upstreamPaths });
}

describe('haproxy.cfg', () => {
  test.each(Object.entries(features))('of %s is as its golden file and HAProxy takes it', (name, graph) => {
    const text = render(graph);
    expect(text).toBe(golden(`${name}.cfg`, text));
    expect(haproxyAccepts(text, peerName(anAmphora(1).id))).toMatchObject({ accepted: true });
  });

  test.each(Object.entries(features))('of %s does not depend on the order of rows', (_name, graph) => {
    const shuffled = {
      ...graph,
      listeners: graph.listeners.toReversed(),
      pools: graph.pools.toReversed().map((pool) => Object.assign({}, pool, { members: pool.members.toReversed() })),
      amphorae: graph.amphorae.toReversed(),
    };
    expect(render(shuffled)).toBe(render(graph));
  });
});
