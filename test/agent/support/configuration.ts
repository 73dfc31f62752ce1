import type { LabAmphora } from './lab.ts';

export interface HaproxyOptions {
  readonly loadBalancerId: string;
  readonly vip: string;
  readonly sequence?: number;
  readonly members?: readonly { readonly id: string; readonly address: string; readonly port: number }[];
}

export const listenerId = '11111111-0000-4000-8000-000000000001';
export const poolId = '22222222-0000-4000-8000-000000000001';

/** A haproxy.cfg as upstream's controller renders it for one HTTP listener, with its sequence number. */
export function haproxyConfig(amphora: LabAmphora, options: HaproxyOptions): string {
  const { loadBalancerId: id, vip, sequence, members = [] } = options;
  const description = sequence === undefined ? '' : `    description weir-sequence=${sequence}\n`;
  const servers = members.map(({ id: member, address, port }) => `    server ${member} ${address}:${port} weight 1\n`);
  return `# Configuration for loadbalancer ${id}
global
    daemon
    user nobody
${description}    log /run/rsyslog/octavia/log local0
    log /run/rsyslog/octavia/log local1 notice
    stats socket ${amphora.base}/${id}.sock mode 0666 level user
    server-state-file ${amphora.base}/${id}/servers-state
    maxconn 50000

defaults
    log global
    retries 3
    option redispatch
    option http-keep-alive

frontend ${listenerId}
    maxconn 50000
    bind ${vip}:80
    mode http
    default_backend ${poolId}:${listenerId}
    timeout client 50000

backend ${poolId}:${listenerId}
    mode http
    http-reuse safe
    balance roundrobin
    fullconn 50000
    option allbackups
    timeout connect 5000
    timeout server 50000
${servers.join('')}`;
}

export interface VrrpOptions {
  readonly vip: string;
  readonly peers: readonly string[];
  readonly priority: number;
}

/** A keepalived.conf as upstream's controller renders it. */
export function keepalivedConfig(amphora: LabAmphora, { vip, peers, priority }: VrrpOptions): string {
  const network = `${vip.split('.').slice(0, 3).join('.')}.0/24`;
  return `vrrp_script check_script {
  script ${amphora.base}/vrrp/check_script.sh
  interval 5
  fall 2
  rise 2
}
vrrp_instance lab {
  interface eth1
  virtual_router_id 1
  priority ${priority}
  nopreempt
  accept
  garp_master_refresh 5
  garp_master_refresh_repeat 2
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass 1234567
  }
  unicast_src_ip ${amphora.vrrpIp}
  unicast_peer {
    ${peers.join('\n    ')}
  }
  virtual_ipaddress {
    ${vip}
  }
  virtual_routes {
    ${network} dev eth1 src ${vip} scope link table 1
  }
  virtual_rules {
    from ${vip}/32 table 1 priority 100
  }
  track_script {
    check_script
  }
}
`;
}
