/** May this user make network namespaces, bridges and veth pairs here? */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { found, missing, type Check, type Finding } from './finding.ts';

/** Whether amphorae run in the machine's own network, or in a user and network namespace made for them. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

const makeDevices = 'ip link add weir0 type bridge && ip link add weir1 type veth peer name weir2';

export const rightsCheck: Check = {
  name: 'network namespaces',
  neededFor: ({ linuxDrivers }) => linuxDrivers,
  run: () => (isRoot() ? rootRights() : userRights()),
};

function rootRights(): Finding {
  const { status, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', makeDevices], { encoding: 'utf8' });
  if (status === 0) return found('as root');
  return missing(
    `root may not make network devices here (${stderr.trim()})`,
    'run on a machine with CAP_NET_ADMIN and CAP_SYS_ADMIN (docker run --privileged), or use --drivers noop',
  );
}

function userRights(): Finding {
  const { status } = spawnSync('unshare', ['--user', '--map-root-user', '--net', '--mount', 'sh', '-c', makeDevices]);
  if (status === 0) return found('in a user namespace of its own (not root)');
  for (const { file, refuses, mend } of refusals) {
    if (valueOf(file) === refuses) return missing(`not root, and ${file} is ${refuses}`, `${mend}, or run as root`);
  }
  return missing(
    'not root, and user namespaces are refused here',
    'run as root (sudo ./weir …), or use --drivers noop',
  );
}

/** What distributions refuse unprivileged user namespaces with: Ubuntu 23.10 and later, older Debian, hardened kernels. */
const refusals = [
  {
    file: 'kernel/apparmor_restrict_unprivileged_userns',
    refuses: '1',
    mend: 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
  { file: 'kernel/unprivileged_userns_clone', refuses: '0', mend: 'sudo sysctl -w kernel.unprivileged_userns_clone=1' },
  { file: 'user/max_user_namespaces', refuses: '0', mend: 'sudo sysctl -w user.max_user_namespaces=15000' },
];

function valueOf(file: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${file}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
