import { expect, test } from 'vitest';
import { parseAgentConfig } from '../../agent/config/agent-config.ts';
import { parseIni } from '../../agent/config/ini.ts';

test('reads sections, both separators, comments and values over several lines', () => {
  const text = 'a = 0\n[one]\n# comment\nx = 1\ny: two words\n; more\nlist = a,\n  b\n\n[two]\nx = "quoted"\n';
  expect(parseIni(text)).toEqual(
    new Map([
      ['DEFAULT', new Map([['a', '0']])],
      [
        'one',
        new Map([
          ['x', '1'],
          ['y', 'two words'],
          ['list', 'a,\nb'],
        ]),
      ],
      ['two', new Map([['x', 'quoted']])],
    ]),
  );
});

test.each([
  ['[open\n', 'line 1: a section is written [name]'],
  ['[a]\nnonsense\n', 'line 2: an option is written key = value'],
])('names the line that it cannot read: %j', (text, message) => {
  expect(() => parseIni(text)).toThrow(message);
});

test('takes Octavia’s defaults for what is left out', () => {
  expect(parseAgentConfig('')).toMatchObject({
    basePath: '/var/lib/octavia',
    baseCertDir: '/var/lib/octavia/certs',
    bindHost: '::',
    bindPort: 9443,
    serverCert: '/etc/octavia/certs/server.pem',
    networkDir: '/etc/octavia/interfaces',
    heartbeatIntervalSeconds: 10,
    activeStandby: false,
    controllers: [],
  });
});

test('reads controllers of both families', () => {
  const { controllers } = parseAgentConfig(
    '[health_manager]\ncontroller_ip_port_list = 10.0.0.1:5555, [fd00::1]:5556\n',
  );
  expect(controllers).toEqual([
    { host: '10.0.0.1', port: 5555 },
    { host: 'fd00::1', port: 5556 },
  ]);
});

test.each([
  ['[haproxy_amphora]\nbind_port = many\n', 'haproxy_amphora.bind_port must be a number from 0 to 65535'],
  ['[health_manager]\ncontroller_ip_port_list = nowhere\n', 'health_manager.controller_ip_port_list: "nowhere" is not'],
])('names the option that is wrong: %j', (text, message) => {
  expect(() => parseAgentConfig(text)).toThrow(message);
});
