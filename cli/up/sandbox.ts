/**
 * Without root, everything runs inside a user and network namespace of its own: there this user is root, and the bridges and
 * namespaces of the amphorae are out of everybody's way. The price: the API's port exists only inside.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { environmentOf, type Settings } from '../../config/settings.ts';
import { tethered } from '../process/wrap.ts';

const marker = 'WEIR_SANDBOX';

export function insideSandbox(): boolean {
  return process.env[marker] !== undefined;
}

/** Loopback up; a /run of our own, because `ip netns` keeps its names there and the real one is not ours to write. */
const prepare = 'ip link set lo up && mount -t tmpfs tmpfs /run && exec "$@"';

/**
 * Runs this very command again inside the namespaces and gives its exit code. The folders are passed on, since inside this
 * user looks like root, whose defaults are others.
 */
export async function runInSandbox(settings: Settings): Promise<number> {
  const { stateDir, cacheDir } = settings;
  const again = tethered('TERM', [process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  const args = ['--user', '--map-root-user', '--net', '--mount', '--', 'sh', '-c', prepare, 'sh', ...again];
  const child = spawn('unshare', args, {
    stdio: 'inherit',
    env: { ...process.env, ...environmentOf({ stateDir, cacheDir }), [marker]: '1' },
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
  // Ctrl-C reaches the child by itself; this process only has to stay until it has ended.
  process.on('SIGINT', () => undefined);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** How to get a shell in which the API can be reached. */
export function enterCommand(): string {
  return `nsenter --preserve-credentials -U -n -m -t ${process.pid}`;
}
