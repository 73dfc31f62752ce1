/** The real programs that read what is rendered. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Verdict {
  readonly accepted: boolean;
  readonly output: string;
}

function judge(text: string, command: (file: string) => readonly [string, readonly string[]]): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'weir-dataplane-'));
  try {
    const file = join(folder, 'configuration');
    writeFileSync(file, text);
    const [program, args] = command(file);
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
    if (error !== undefined) throw error;
    return { accepted: status === 0, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `haproxy -c`, as the agent runs it. */
export function haproxyAccepts(text: string, peerName: string): Verdict {
  return judge(text, (file) => ['haproxy', ['-c', '-L', peerName, '-f', file]]);
}

/** What keepalived finds in an amphora: the VIP interface and the check script. */
const amphora = `
  mount -t tmpfs none /var/lib && mkdir -p /var/lib/octavia/vrrp
  echo 'exit 0' > /var/lib/octavia/vrrp/check_script.sh && chmod 755 /var/lib/octavia/vrrp/check_script.sh
  ip link add eth1 type veth peer name outside && ip link set eth1 up
  exec keepalived -t -f "$0"`;

/** Without it keepalived warns about scripts as such, and its test fails for that alone. */
const scriptSecurity = 'global_defs {\n    enable_script_security\n    script_user root\n}\n';

/** `keepalived -t`, in namespaces that look like an amphora. */
export function keepalivedAccepts(text: string): Verdict {
  return judge(`${scriptSecurity}${text}`, (file) => ['unshare', ['-Urnm', 'sh', '-ec', amphora, file]]);
}
