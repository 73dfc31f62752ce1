import { parseIni, type IniSections } from './ini.ts';

/** One controller that takes heartbeats. */
export interface Controller {
  readonly host: string;
  readonly port: number;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** What amphora-agent.conf says, with Octavia's defaults for what it leaves out (Octavia: common/config.py). */
export interface AgentConfig {
  readonly debug: boolean;
  readonly amphoraId: string;
  /** Folder of everything that HAProxy and keepalived need, `/var/lib/octavia`. */
  readonly basePath: string;
  readonly baseCertDir: string;
  readonly bindHost: string;
  readonly bindPort: number;
  readonly haproxyCommand: string;
  /** PEM file with the authorities that may sign a controller's certificate. */
  readonly serverCa: string;
  /** PEM file with the agent's certificate and key. */
  readonly serverCert: string;
  readonly networkDir: string;
  readonly requestReadTimeoutSeconds: number;
  readonly minTlsVersion: TlsVersion;
  readonly controllers: readonly Controller[];
  readonly heartbeatIntervalSeconds: number;
  /** Secret: signs heartbeats. */
  readonly heartbeatKey: string;
  readonly activeStandby: boolean;
}

/** Reads amphora-agent.conf (Octavia: amphora_agent_conf.template). Throws an Error that names the option and what is wrong with it. */
export function parseAgentConfig(text: string): AgentConfig {
  const sections = parseIni(text);
  const haproxy = reader(sections, 'haproxy_amphora');
  const agent = reader(sections, 'amphora_agent');
  const health = reader(sections, 'health_manager');
  const basePath = haproxy.text('base_path', '/var/lib/octavia');
  return {
    debug: reader(sections, 'DEFAULT').text('debug', 'false').toLowerCase() === 'true',
    amphoraId: agent.text('amphora_id', ''),
    basePath,
    baseCertDir: haproxy.text('base_cert_dir', '/var/lib/octavia/certs'),
    bindHost: haproxy.text('bind_host', '::'),
    bindPort: haproxy.number('bind_port', 9443, 0, 65_535),
    haproxyCommand: haproxy.text('haproxy_cmd', '/usr/sbin/haproxy'),
    serverCa: agent.text('agent_server_ca', '/etc/octavia/certs/client_ca.pem'),
    serverCert: agent.text('agent_server_cert', '/etc/octavia/certs/server.pem'),
    networkDir: agent.text('agent_server_network_dir', '/etc/octavia/interfaces'),
    requestReadTimeoutSeconds: agent.number('agent_request_read_timeout', 180, 1),
    minTlsVersion: agent.text('agent_tls_protocol', 'TLSv1.2') === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
    controllers: parseControllers(health.text('controller_ip_port_list', '')),
    heartbeatIntervalSeconds: health.number('heartbeat_interval', 10, 0.05),
    heartbeatKey: health.text('heartbeat_key', ''),
    activeStandby: reader(sections, 'controller_worker').text('loadbalancer_topology', 'SINGLE') === 'ACTIVE_STANDBY',
  };
}

interface SectionReader {
  text(key: string, fallback: string): string;
  number(key: string, fallback: number, min: number, max?: number): number;
}

function reader(sections: IniSections, section: string): SectionReader {
  const options = sections.get(section);
  const text = (key: string, fallback: string): string => {
    const value = options?.get(key);
    return value === undefined || value === '' || value === 'None' ? fallback : value;
  };
  const number = (key: string, fallback: number, min: number, max = Number.MAX_SAFE_INTEGER): number => {
    const value = Number(text(key, String(fallback)));
    if (!(value >= min && value <= max)) throw new Error(`${section}.${key} must be a number from ${min} to ${max}`);
    return value;
  };
  return { text, number };
}

function parseControllers(list: string): Controller[] {
  const entries = list.split(/[,\n]/).map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map(parseController);
}

function parseController(entry: string): Controller {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^\s]+)):(?<port>\d+)$/.exec(entry);
  const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
  if (host === undefined)
    throw new Error(`health_manager.controller_ip_port_list: ${JSON.stringify(entry)} is not ip:port`);
  return { host, port: Number(match?.groups?.['port']) };
}
