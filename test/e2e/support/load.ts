import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Load, requestLimitMs, type LoadResult } from '../../agent/support/load.ts';

const program = fileURLToPath(new URL('../../agent/support/load.mjs', import.meta.url));
const width = 4;

/** Asks the VIP without a pause, four requests at once over new connections, while the work is done, which is to lose none. */
export async function underLoad(vip: string, work: () => Promise<void>): Promise<LoadResult> {
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const args = [program, `http://${vip}/`, String(width), String(requestLimitMs.whereNoneIsLost)];
  const child = spawn(process.execPath, args, { stdio: [...stdio] });
  try {
    const load = new Load(child);
    await load.started;
    await work();
    return await load.stop();
  } finally {
    child.kill('SIGKILL');
  }
}
