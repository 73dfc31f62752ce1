import { freePort } from '../../cli/net/ports.ts';
import { obtainTemporal, temporalBinaryOptions } from '../../cli/temporal/binary.ts';
import { awaitListening, devServerCommand } from '../../cli/temporal/server.ts';
import { loadSettings } from '../../config/settings.ts';
import { startChild } from './child.ts';

export interface TestTemporal {
  readonly description: { readonly address: string; readonly namespace: string };
  stop(): Promise<void>;
}

/** A Temporal development server of its own, in memory, with Weir's search attributes and settings. */
export async function startTestTemporal(): Promise<TestTemporal> {
  const binary = await obtainTemporal(temporalBinaryOptions(loadSettings(process.env)));
  const port = await freePort();
  const server = startChild(devServerCommand({ binary, port }));
  if (!(await awaitListening(port, 30_000))) {
    await server.stop('SIGKILL');
    throw new Error(`the Temporal server of the tests did not start: ${server.output()}`);
  }
  return {
    description: { address: `127.0.0.1:${port}`, namespace: 'default' },
    stop: () => server.stop('SIGTERM'),
  };
}
