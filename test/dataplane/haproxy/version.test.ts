import { describe, expect, test } from 'vitest';
import { upstreamPaths } from '../../../dataplane/haproxy/configuration.ts';
import { renderHaproxy } from '../../../dataplane/haproxy/render.ts';
import { parseHaproxyVersion } from '../../../dataplane/haproxy/version.ts';
import { aLoadBalancer, aMonitor, anAmphora, aPool } from '../builders.ts';

describe('the version of HAProxy', () => {
  test.each([
    ['2.8.5-1ubuntu3', { major: 2, minor: 8 }],
    ['1:2.6.12-1+deb12u1', { major: 2, minor: 6 }],
    ['3.0-dev1', { major: 3, minor: 0 }],
  ])('%s is read as %j', (text, version) => {
    expect(parseHaproxyVersion(text)).toEqual(version);
  });

  test.each(['', 'unknown', '2'])('%j is refused', (text) => {
    expect(() => parseHaproxyVersion(text)).toThrow('haproxy_version: must begin with');
  });

  const graph = aLoadBalancer({ pools: [aPool({ healthMonitor: aMonitor({ type: 'PING' }) })] });
  const gated = ['server-state-file', 'load-server-state-from-file', 'http-reuse', 'insecure-fork-wanted'];
  test.each([
    ['1.5', []],
    ['1.6', gated.slice(0, 3)],
    ['2.1', gated.slice(0, 3)],
    ['2.2', gated],
    ['3.0', gated],
  ])('%s gets %j', (text, expected) => {
    const config = renderHaproxy(graph, anAmphora(1), { version: parseHaproxyVersion(text), paths: upstreamPaths });
    expect(gated.filter((directive) => config.includes(`    ${directive}`))).toEqual(expected);
  });
});
