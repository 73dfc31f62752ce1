import { allChecks, examine } from '../doctor/examine.ts';
import { describe } from '../doctor/doctor.ts';
import type { Mode } from '../doctor/finding.ts';
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
  const examined = await examine(allChecks(configuration.settings), mode);
  const bad = examined.filter(({ finding }) => !finding.ok);
  if (bad.length === 0) return;
  for (const one of bad) print(describe(one));
  throw new PlainError(`cannot start: ${bad.map(({ name }) => name).join(', ')} (see above; nothing was started)`);
}
