import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AmphoraPaths } from '../paths.ts';
import { writeFileAtomic } from '../process/files.ts';

/** Runs every check and adds their results up, as upstream's script (Octavia: keepalived_check_script.conf.j2). */
const checkScript = (folder: string): string => `#!/bin/sh
status=0
for file in ${folder}/*; do
  [ -f "$file" ] || continue
  sh "$file"
  status=$((status + $?))
done
exit $status
`;

/**
 * Stands in for upstream's haproxy-vrrp-check, which starts Python each time. keepalived runs it every few seconds for as
 * long as the amphora lives, so it is a shell script of built-ins: HAProxy's master lives (it ends when its worker dies),
 * and the agent, which asks each stats socket all the time, has not marked it unresponsive. A dead agent marks nothing,
 * so that it does not move the VIP.
 */
const haproxyVrrpCheck = `#!/bin/sh
# usage: haproxy-vrrp-check <stats socket>...
failed=0
for socket in "$@"; do
  dir=\${socket%.sock}
  pid=
  read -r pid < "$dir/\${dir##*/}.pid"
  if [ -z "$pid" ] || [ ! -d "/proc/$pid" ] || [ -e "$dir/unresponsive" ]; then
    failed=$((failed + 1))
  fi
done 2>/dev/null
exit $failed
`;

/** Writes the script that keepalived runs and what it calls. */
export async function writeCheckScripts(paths: AmphoraPaths): Promise<void> {
  await mkdir(paths.checkScripts, { recursive: true });
  await writeFileAtomic(paths.haproxyVrrpCheck, haproxyVrrpCheck, 0o755);
  await writeFileAtomic(paths.checkScript, checkScript(paths.checkScripts), 0o755);
}

/**
 * Names the load balancers whose HAProxy keepalived watches (Octavia: util.py, vrrp_check_script_update). Without any,
 * the check passes: upstream's fails then, which keeps the VIP away until the second check after the first listener.
 */
export async function updateHaproxyCheck(paths: AmphoraPaths, loadBalancerIds: readonly string[]): Promise<void> {
  await mkdir(paths.checkScripts, { recursive: true });
  const sockets = loadBalancerIds.map((id) => ` ${join(paths.base, `${id}.sock`)}`).join('');
  await writeFileAtomic(paths.haproxyCheckScript, `sh ${paths.haproxyVrrpCheck}${sockets}; exit $?\n`, 0o644);
}
