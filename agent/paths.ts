import { join } from 'node:path';
import type { AgentConfig } from './config/agent-config.ts';

/** Where upstream's agent keeps its files (Octavia: api_server/util.py, common/constants.py), and ours beside them. */
export interface AmphoraPaths {
  readonly base: string;
  readonly userGroupConfig: string;
  readonly pluggedInterfaces: string;
  readonly statsCounters: string;
  /** Below which sequence numbers nothing is taken of load balancers that were removed. */
  readonly leastSequences: string;
  readonly vrrp: string;
  readonly keepalivedConfig: string;
  readonly keepalivedPid: string;
  readonly keepalivedLog: string;
  readonly checkScript: string;
  readonly checkScripts: string;
  readonly haproxyCheckScript: string;
  readonly haproxyVrrpCheck: string;
}

export function amphoraPaths(config: AgentConfig): AmphoraPaths {
  const base = config.basePath;
  const vrrp = join(base, 'vrrp');
  return {
    base,
    userGroupConfig: join(base, 'haproxy-default-user-group.conf'),
    pluggedInterfaces: join(base, 'plugged_interfaces'),
    statsCounters: join(base, 'stats_counters.json'),
    leastSequences: join(base, 'least_sequences.json'),
    vrrp,
    keepalivedConfig: join(vrrp, 'octavia-keepalived.conf'),
    keepalivedPid: join(vrrp, 'octavia-keepalived.pid'),
    keepalivedLog: join(vrrp, 'octavia-keepalived.log'),
    checkScript: join(vrrp, 'check_script.sh'),
    checkScripts: join(vrrp, 'check_scripts'),
    haproxyCheckScript: join(vrrp, 'check_scripts', 'haproxy_check_script.sh'),
    haproxyVrrpCheck: join(vrrp, 'haproxy-vrrp-check'),
  };
}

/** Files of one load balancer's HAProxy. */
export interface HaproxyPaths {
  readonly dir: string;
  readonly config: string;
  readonly newConfig: string;
  readonly pid: string;
  readonly log: string;
  readonly serversState: string;
  /** Exists while HAProxy answers no stats query: the VRRP check script reads it. */
  readonly unresponsive: string;
  /** What the unit file is upstream: the peer name, and whether HAProxy is to run. */
  readonly unit: string;
  readonly socket: string;
  readonly certificates: string;
}

export function haproxyPaths(config: AgentConfig, loadBalancerId: string): HaproxyPaths {
  const dir = join(config.basePath, loadBalancerId);
  return {
    dir,
    config: join(dir, 'haproxy.cfg'),
    newConfig: join(dir, 'haproxy.cfg.new'),
    pid: join(dir, `${loadBalancerId}.pid`),
    log: join(dir, 'haproxy.log'),
    serversState: join(dir, 'servers-state'),
    unresponsive: join(dir, 'unresponsive'),
    unit: join(dir, 'unit.json'),
    socket: join(config.basePath, `${loadBalancerId}.sock`),
    certificates: join(config.baseCertDir, loadBalancerId),
  };
}
