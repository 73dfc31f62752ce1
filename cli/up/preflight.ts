import { allChecks, examine, type Examined } from '../doctor/examine.ts';
import { describe } from '../doctor/doctor.ts';
import type { Mode } from '../doctor/finding.ts';
import { storageCheck } from '../doctor/storage.ts';
import { PlainError } from '../fatal.ts';
import type { Configuration } from '../options.ts';

/** What this call of `weir up` brings along itself. */
export function modeOf(configuration: Configuration): Mode {
  const { settings } = configuration;
  return {
    linuxDrivers: settings.computeDriver === 'host' || settings.networkDriver === 'linux',
    ownPostgres: !configuration.given('databaseUrl'),
    ownTemporal: !configuration.given('temporalAddress'),
  };
}

/** Looks for everything that this mode needs before anything starts. Throws PlainError after naming all that is missing. */
export async function preflight(
  configuration: Configuration,
  mode: Mode,
  print: (line: string) => void,
): Promise<void> {
  refuseMissing(await examine(allChecks(configuration.settings), mode), print);
}

/** The same for the state directory alone: before it is made. */
export async function requireRoom(stateDir: string, print: (line: string) => void): Promise<void> {
  const { name, run } = storageCheck(stateDir);
  refuseMissing([{ name, finding: await run() }], print);
}

function refuseMissing(examined: readonly Examined[], print: (line: string) => void): void {
  const bad = examined.filter(({ finding }) => !finding.ok);
  if (bad.length === 0) return;
  for (const one of bad) print(describe(one));
  throw new PlainError(`cannot start: ${bad.map(({ name }) => name).join(', ')} (see above; nothing was started)`);
}
