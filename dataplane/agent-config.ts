/** amphora-agent.conf, which an amphora boots with (Octavia: amphora_agent_conf.template). Its form is oslo.config's. */
import type { Topology } from '../model/status.ts';
import { filePath, identifier, integer, port, UnrenderableValue } from './grammar.ts';

/** Where things lie in the amphora. */
export interface AgentPaths {
  readonly base: string;
  readonly certificates: string;
  readonly haproxy: string;
  readonly serverCertificate: string;
  readonly clientAuthority: string;
}

export const upstreamAgentPaths: AgentPaths = {
  base: '/var/lib/octavia',
  certificates: '/var/lib/octavia/certs',
  haproxy: '/usr/sbin/haproxy',
  serverCertificate: '/etc/octavia/certs/server.pem',
  clientAuthority: '/etc/octavia/certs/client_ca.pem',
};

export interface AgentConfig {
  readonly amphoraId: string;
  readonly topology: Topology;
  /** Where heartbeats go, `ip:port` each. */
  readonly controllers: readonly string[];
  readonly heartbeatIntervalSec: number;
  /** Secret. */
  readonly heartbeatKey: string;
  readonly debug?: boolean;
  /** Where the agent listens. */
  readonly bindHost?: string;
  readonly bindPort?: number;
  readonly requestReadTimeoutSec?: number;
  readonly paths?: AgentPaths;
}

/** oslo.config expands `$`, splits lists at commas and strips quotes; none of these may stand in a value. */
const plainValue = /^[\w.:/+=@%*!?~^&()[\]{}<>|-]+$/;

function value(field: string, text: string): string {
  if (!plainValue.test(text))
    throw new UnrenderableValue(field, 'must be printable, without blanks, quotes, commas and $');
  return text;
}

type Options = readonly (readonly [name: string, value: string | number])[];

function section(title: string, options: Options): string {
  return [`[${title}]`, ...options.map(([name, text]) => `${name} = ${text}`), ''].join('\n');
}

function haproxyOptions({ paths = upstreamAgentPaths, bindHost = '::', bindPort = 9443 }: AgentConfig): Options {
  return [
    ['base_cert_dir', filePath('base_cert_dir', paths.certificates)],
    ['base_path', filePath('base_path', paths.base)],
    ['bind_host', value('bind_host', bindHost)],
    ['bind_port', port('bind_port', bindPort)],
    ['haproxy_cmd', filePath('haproxy_cmd', paths.haproxy)],
    ['user_log_facility', 0],
    ['administrative_log_facility', 1],
  ];
}

function healthOptions({ controllers, heartbeatIntervalSec, heartbeatKey }: AgentConfig): Options {
  const destinations = controllers.map((controller) => value('controller_ip_port_list', controller));
  return [
    ['controller_ip_port_list', destinations.join(', ')],
    ['heartbeat_interval', integer('heartbeat_interval', heartbeatIntervalSec, 1, 86_400)],
    ['heartbeat_key', value('heartbeat_key', heartbeatKey)],
  ];
}

function agentOptions({ paths = upstreamAgentPaths, requestReadTimeoutSec = 180, amphoraId }: AgentConfig): Options {
  return [
    ['agent_server_ca', filePath('agent_server_ca', paths.clientAuthority)],
    ['agent_server_cert', filePath('agent_server_cert', paths.serverCertificate)],
    ['agent_request_read_timeout', integer('agent_request_read_timeout', requestReadTimeoutSec, 1, 86_400)],
    ['amphora_id', identifier('amphora_id', amphoraId)],
    ['amphora_udp_driver', 'keepalived_lvs'],
    ['agent_tls_protocol', 'TLSv1.2'],
  ];
}

/** amphora-agent.conf. Holds the heartbeat key: secret. Throws UnrenderableValue, which does not repeat the value. */
export function renderAgentConfig(configuration: AgentConfig): string {
  return [
    section('DEFAULT', [
      ['debug', configuration.debug === true ? 'True' : 'False'],
      ['use_syslog', 'True'],
      ['syslog_log_facility', 'LOG_LOCAL1'],
    ]),
    section('haproxy_amphora', haproxyOptions(configuration)),
    section('health_manager', healthOptions(configuration)),
    section('amphora_agent', agentOptions(configuration)),
    section('controller_worker', [['loadbalancer_topology', configuration.topology]]),
  ].join('\n');
}
