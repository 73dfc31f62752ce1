/** A Temporal server for one measurement, as `weir up` runs it or with less. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../cli/net/ports.ts';
import { until } from '../cli/process/until.ts';
import { obtainTemporal, temporalBinaryOptions } from '../cli/temporal/binary.ts';
import { devServerCommand, type Tuning } from '../cli/temporal/server.ts';
import { serves } from '../cli/up/temporal.ts';
import type { Settings } from '../config/settings.ts';

export interface BenchTemporal {
  readonly address: string;
  stop(): Promise<void>;
}

/** Throws when it does not serve within a minute. */
export async function startTemporal(settings: Settings, tuning: Tuning): Promise<BenchTemporal> {
  const binary = await obtainTemporal(temporalBinaryOptions(settings));
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const port = await freePort();
  const namespace = settings.temporalNamespace;
  const file = join(folder, 'temporal.db');
  const [program, ...args] = devServerCommand({ binary, port, file, namespace, tuning });
  const server = spawn(program, args, { stdio: 'ignore' });
  const ended = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  };
  const address = `127.0.0.1:${port}`;
  if ((await until(() => serves(address, namespace), 60_000, 50)) === true) return { address, stop };
  await stop();
  throw new Error(`Temporal does not serve on ${address}`);
}
