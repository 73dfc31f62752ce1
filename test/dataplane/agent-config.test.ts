import { describe, expect, test } from 'vitest';
import { renderAgentConfig, type AgentConfig } from '../../dataplane/agent-config.ts';
import { golden } from './golden.ts';
import { id } from './builders.ts';

const config: AgentConfig = {
  amphoraId: id(601),
  topology: 'ACTIVE_STANDBY',
  controllers: ['198.51.100.5:5555', '[2001:db8::5]:5555'],
  heartbeatIntervalSec: 10,
  heartbeatKey: 'not-so-secret',
};

describe('amphora-agent.conf', () => {
  test('is as its golden file', () => {
    const text = renderAgentConfig(config);
    expect(text).toBe(golden('amphora-agent.conf', text));
  });

  test('places things where it is told', () => {
    const paths = {
      base: '/run/amphora',
      certificates: '/run/amphora/certs',
      haproxy: '/opt/haproxy',
      serverCertificate: '/run/amphora/server.pem',
      clientAuthority: '/run/amphora/ca.pem',
    };
    const text = renderAgentConfig({ ...config, paths, bindHost: '192.0.2.1', bindPort: 19443, debug: true });
    expect(text).toContain('debug = True\n');
    expect(text).toContain(
      'base_path = /run/amphora\nbind_host = 192.0.2.1\nbind_port = 19443\nhaproxy_cmd = /opt/haproxy\n',
    );
    expect(text).toContain('agent_server_ca = /run/amphora/ca.pem\nagent_server_cert = /run/amphora/server.pem\n');
  });

  test.each(['', 'with blank', 'two\nlines', '$name', 'a,b', '"quoted"', '#comment'])(
    'refuses the heartbeat key %j without repeating it',
    (heartbeatKey) => {
      const attempt = (): string => renderAgentConfig({ ...config, heartbeatKey });
      expect(attempt).toThrow(/^heartbeat_key: must be printable, without blanks, quotes, commas and \$$/);
    },
  );
});
