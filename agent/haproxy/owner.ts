import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../process/files.ts';

const nobody = 65_534;

/** Whether this user namespace knows the user and group that HAProxy is to run as; one that maps root alone does not. */
export function ownerExists(): boolean {
  return maps('/proc/self/uid_map', nobody) && maps('/proc/self/gid_map', nobody);
}

/**
 * Writes haproxy-default-user-group.conf where the image did not (Octavia: elements/haproxy-octavia,
 * 20-haproxy-user-group-config). `no strict-limits`: with the default connection limits HAProxy asks for more open files
 * than many kernels allow, and refuses to start; it takes what it gets instead.
 */
export async function ensureUserGroupConfig(path: string): Promise<void> {
  if (existsSync(path)) return;
  const group = ownerExists() ? '    group nogroup\n' : '';
  await writeFileAtomic(path, `global\n${group}    no strict-limits\n`, 0o644);
}

function maps(file: string, id: number): boolean {
  const ranges = readFileSync(file, 'utf8').trim().split('\n');
  return ranges.some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return id >= first && id < first + count;
  });
}
