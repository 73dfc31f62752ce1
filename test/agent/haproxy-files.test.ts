import { expect, test } from 'vitest';
import { boundAddresses, configuredSequence, listenersOf, withoutOwner } from '../../agent/haproxy/config-file.ts';
import { peerName } from '../../agent/haproxy/store.ts';
import { findRoute } from '../../agent/http/router.ts';
import { json } from '../../agent/http/message.ts';
import { keepalivedSequence } from '../../agent/keepalived/vrrp.ts';
import { parseSequence } from '../../agent/sequence.ts';

const config = `global
    daemon
    user nobody
    group nogroup
    description weir-sequence=42
    stats socket /var/lib/octavia/lb.sock mode 0666 level user

frontend l1
    maxconn 50000
    bind 10.0.0.9:80
    bind 2001:db8::9:80
    mode http

frontend l2
    bind 10.0.0.9:443 ssl crt-list /var/lib/octavia/certs/lb/l2.pem alpn h2
    mode http

frontend prometheus
    bind 127.0.0.1:9101
    mode http

backend p1:l1
    mode tcp
`;

test('finds the frontends with their types', () => {
  expect(listenersOf(config)).toEqual([
    { id: 'l1', mode: 'HTTP' },
    { id: 'l2', mode: 'TERMINATED_HTTPS' },
    { id: 'prometheus', mode: 'HTTP' },
  ]);
});

test('finds the addresses to announce, each once', () => {
  expect(boundAddresses(config)).toEqual(['10.0.0.9', '2001:db8::9']);
});

test('reads the sequence number, and nothing from a configuration of another controller', () => {
  expect(configuredSequence(config)).toBe(42);
  expect(configuredSequence(config.replace('weir-sequence=42', 'a load balancer'))).toBeNull();
  expect(parseSequence('weir-sequence=1x')).toBeNull();
  expect(keepalivedSequence('# weir-sequence=7\nglobal_defs {\n}\n')).toBe(7);
  expect(keepalivedSequence('global_defs {\n}\n# weir-sequence=7\n')).toBeNull();
});

test('takes the group out, and the user only where there is none', () => {
  expect(withoutOwner(config, false)).not.toContain('group');
  expect(withoutOwner(config, false)).toContain('    user nobody\n    description');
  expect(withoutOwner(config, true)).not.toContain('nobody');
});

test('peer names are HAProxy’s: no padding, no leading dash', () => {
  expect(peerName('amphora')).toMatch(/^[\w-]{27}$/);
  const names = Array.from({ length: 300 }, (_, index) => peerName(String(index)));
  expect(names.filter((name) => name.startsWith('-') || /[+/=]/.test(name))).toEqual([]);
  expect(names.some((name) => name.startsWith('x'))).toBe(true);
});

test('routes decode their parameters, and a slash in one does not hide in it', () => {
  const handler = async (): Promise<ReturnType<typeof json>> => Promise.resolve(json(200, {}));
  const routes = [
    { method: 'PUT', path: '/1.0/vrrp/upload', handler },
    { method: 'PUT', path: '/1.0/vrrp/:action', handler },
  ] as const;
  expect(findRoute(routes, 'PUT', '/1.0/vrrp/upload?x=1').params).toEqual({});
  expect(findRoute(routes, 'PUT', '/1.0/vrrp/st%61rt').params).toEqual({ action: 'start' });
  expect(() => findRoute(routes, 'PUT', '/1.0/vrrp/a%2Fb')).toThrow('404 Not Found');
  expect(() => findRoute(routes, 'GET', '/1.0/vrrp/start')).toThrow('405 Method Not Allowed');
});
