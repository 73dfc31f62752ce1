/** The control plane that a measurement asks: one of its own, or one that runs already. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../cli/net/ports.ts';
import { until } from '../cli/process/until.ts';
import type { Settings } from '../config/settings.ts';
import { startProgram } from './program.ts';

export interface ControlPlane {
  readonly baseUrl: string;
  stop(): Promise<void>;
}

const serveLimitMs = 120_000;

async function answers(url: string): Promise<boolean> {
  return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}

/** Starts `weir up` with a state folder and ports of its own, and with what `env` sets besides. */
export async function startControlPlane(
  drivers: 'noop' | 'host',
  env: Readonly<Record<string, string>> = {},
): Promise<ControlPlane> {
  const stateDir = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const [apiPort, temporalPort, uiPort] = [await freePort(), await freePort(), await freePort()];
  const options = {
    '--drivers': drivers,
    '--state-dir': stateDir,
    '--api-port': apiPort,
    '--temporal-port': temporalPort,
    '--temporal-ui-port': uiPort,
    '--log-level': 'warn',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [name, String(value)]);
  const up = startProgram(['up', ...args], env);
  const stop = async (): Promise<void> => {
    await up.stop();
    await rm(stateDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  };
  const baseUrl = `http://127.0.0.1:${apiPort}`;
  const dead = up.ended.then(() => true);
  const serves = await until(
    async () => (await Promise.race([answers(baseUrl), dead])) || undefined,
    serveLimitMs,
    100,
  );
  if (serves === true && (await answers(baseUrl))) return { baseUrl, stop };
  await stop();
  throw new Error(`weir up does not serve: ${up.output()}`);
}

/** Starts one; with WEIR_BENCH_BASE_URL set, takes that one. */
export async function openControlPlane(settings: Settings, drivers: 'noop' | 'host'): Promise<ControlPlane> {
  if (settings.benchBaseUrl === '') return startControlPlane(drivers);
  return { baseUrl: settings.benchBaseUrl, stop: () => Promise.resolve() };
}
