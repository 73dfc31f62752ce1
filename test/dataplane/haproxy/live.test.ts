import { afterEach, describe, expect, test } from 'vitest';
import { createAuthority } from '../../../drivers/certificates/x509.ts';
import type { LoadBalancerGraph, Pool } from '../../../model/graph.ts';
import { aListener, aLoadBalancer, aMember, aMonitor, aPersistence, aPool, aVip } from '../builders.ts';
import { LiveHaproxy } from './live-haproxy.ts';

const url = 'http://127.0.0.1:8080/';
const plainMember = `
defaults
    mode http
    timeout client 5s
frontend one
    bind 127.0.0.2:8001
    http-request return status 200 content-type text/plain string one
`;
const members = `${plainMember}
frontend two
    bind 127.0.0.2:8002
    http-request return status 200 content-type text/plain string two
`;

function graphWith(pool: Partial<Pool>, sequence = 1): LoadBalancerGraph {
  const both = [1, 2].map((number) => aMember(number, { address: '127.0.0.2', protocolPort: 8000 + number }));
  return aLoadBalancer({
    sequence,
    vips: [aVip({ address: '127.0.0.1' })],
    listeners: [aListener({ protocolPort: 8080, connectionLimit: 100 })],
    pools: [aPool({ members: both, ...pool })],
  });
}

describe('a running HAProxy', () => {
  const running: LiveHaproxy[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((live) => live.stop()));
  });

  const start = async (...args: Parameters<typeof LiveHaproxy.start>): Promise<LiveHaproxy> => {
    const live = await LiveHaproxy.start(...args);
    running.push(live);
    return live;
  };

  test('loses no request while it is reloaded, with the stats socket that upstream has', async () => {
    const live = await start(graphWith({}), members);
    const reloads = (async () => {
      for (let sequence = 2; sequence <= 8; sequence++) await live.reload(graphWith({}, sequence));
      return 'reloaded';
    })();
    const answers: string[] = [];
    const isOver = async (): Promise<boolean> => (await Promise.race([reloads, live.get(url)])) === 'reloaded';
    while (!(await isOver())) answers.push(await live.get(url));
    expect(answers.length).toBeGreaterThan(8);
    expect(new Set(answers)).toEqual(new Set(['one', 'two']));
  });

  test('tells a member that speaks TLS from one that only accepts connections', async () => {
    const { certificatePem, keyPem } = await createAuthority('member', {
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
    });
    const tls =
      '\nfrontend tls\n    bind 127.0.0.2:8002 ssl crt certificate.pem ssl-min-ver TLSv1.2\n    http-request deny\n';
    const healthMonitor = aMonitor({ type: 'TLS-HELLO', delay: 1, timeout: 1, maxRetries: 1, maxRetriesDown: 1 });
    const graph = graphWith({ healthMonitor });
    const live = await start(graph, plainMember + tls, certificatePem + keyPem);
    expect(await live.checkOf(graph.id, aMember(1).id)).toBe('L6RSP');
    expect(await live.checkOf(graph.id, aMember(2).id)).toBe('L6OK');
  });

  test('remembers across a reload which member a source has, in a single amphora', async () => {
    const sticky = { sessionPersistence: aPersistence() };
    const live = await start(graphWith(sticky), members);
    const before = [await live.get(url, '127.0.0.51'), await live.get(url, '127.0.0.52')];
    expect(new Set(before).size).toBe(2);
    for (let sequence = 2; sequence <= 4; sequence++) {
      await live.inSync(graphWith(sticky).id);
      await live.reload(graphWith(sticky, sequence));
    }
    await live.inSync(graphWith(sticky).id);
    expect([await live.get(url, '127.0.0.52'), await live.get(url, '127.0.0.51')]).toEqual(before.toReversed());
  });
});
