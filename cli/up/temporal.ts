/** The Temporal server that `weir up` brings along. */
import { Connection } from '@temporalio/client';
import { PlainError } from '../fatal.ts';
import { freePort } from '../net/ports.ts';
import { until } from '../process/until.ts';
import { devServerCommand } from '../temporal/server.ts';
import type { Settings } from '../../config/settings.ts';
import type { ChildSpec } from './supervisor.ts';

export interface EmbeddedTemporal {
  readonly spec: ChildSpec;
  readonly address: string;
  readonly uiUrl: string;
  /** Waits until the namespace can be used. Throws PlainError when it cannot within a minute, and once the signal aborts. */
  ready(signal: AbortSignal): Promise<void>;
}

export async function prepareEmbeddedTemporal(
  settings: Settings,
  binary: string,
  file: string,
): Promise<EmbeddedTemporal> {
  const port = settings.temporalPort === 0 ? await freePort() : settings.temporalPort;
  const uiPort = settings.temporalUiPort === 0 ? await freePort() : settings.temporalUiPort;
  const address = `127.0.0.1:${port}`;
  const namespace = settings.temporalNamespace;
  return {
    spec: {
      name: 'temporal',
      command: devServerCommand({ binary, port, uiPort, file, namespace }),
      env: process.env,
      stopSignal: 'SIGTERM',
      stopLimitMs: 10_000,
    },
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    ready: async (signal) => {
      if ((await until(() => serves(address, namespace), 60_000, 50, signal)) === true) return;
      throw new PlainError(`Temporal does not serve on ${address}`);
    },
  };
}

const answerLimitMs = 2_000;

/** Whether the namespace can be used there. False after three seconds without an answer. */
export async function serves(address: string, namespace: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: 1_000 });
    try {
      // A server that still starts may take the call and never answer it.
      const ask = () => connection.workflowService.describeNamespace({ namespace });
      await connection.withDeadline(Date.now() + answerLimitMs, ask);
      return true;
    } finally {
      await connection.close();
    }
  } catch {
    return false;
  }
}
