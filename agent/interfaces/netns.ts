import { existsSync } from 'node:fs';
import { run, runChecked } from '../process/run.ts';

/** The namespace that carries the tenant's traffic (Octavia: common/constants.py, AMPHORA_NAMESPACE). */
export const amphoraNamespace = 'amphora-haproxy';

const namespacePath = `/run/netns/${amphoraNamespace}`;

/**
 * Kernel settings of the namespace, as upstream's amphora-netns unit and image set them (Octavia: amphora-netns.systemd.j2,
 * elements/haproxy-octavia, 20-haproxy-tune-kernel). HAProxy binds the VIP also where keepalived does not hold it:
 * nonlocal_bind. What a kernel lacks is left out.
 */
const settings = [
  'net.ipv4.ip_forward=1',
  'net.ipv6.conf.all.forwarding=1',
  'net.ipv4.ip_nonlocal_bind=1',
  'net.ipv6.ip_nonlocal_bind=1',
  // Without it the kernel takes all addresses of a subnet away with the first one.
  'net.ipv4.conf.all.promote_secondaries=1',
  'net.ipv4.vs.conntrack=1',
  'net.ipv4.vs.expire_nodest_conn=1',
  'net.ipv4.vs.expire_quiescent_template=1',
  'net.core.somaxconn=65534',
  'net.ipv4.tcp_max_syn_backlog=100000',
  'net.ipv4.tcp_keepalive_time=300',
  'net.ipv4.tcp_tw_reuse=1',
  'net.ipv4.tcp_synack_retries=3',
  'net.ipv4.tcp_mtu_probing=1',
  'net.ipv4.tcp_fin_timeout=5',
  'net.ipv4.ip_local_port_range=1025 65534',
  'net.ipv4.ping_group_range=0 2147483647',
  // A moved or new IPv6 address is announced by the kernel itself.
  'net.ipv6.conf.all.ndisc_notify=1',
];

/** The program and arguments that run something inside the namespace, in the same process id. */
export function inNamespace(program: string, args: readonly string[]): { program: string; args: readonly string[] } {
  return { program: 'nsenter', args: [`--net=${namespacePath}`, program, ...args] };
}

/** Makes the namespace unless it is there, with its loopback up. Throws ProgramFailed. */
export async function ensureNamespace(): Promise<void> {
  if (!existsSync(namespacePath)) await runChecked('ip', ['netns', 'add', amphoraNamespace]);
  const sysctl = inNamespace('sysctl', ['-q', '-e', '-w', ...settings]);
  await Promise.all([
    run(sysctl.program, sysctl.args),
    runChecked('ip', ['-n', amphoraNamespace, 'link', 'set', 'lo', 'up']),
  ]);
}
