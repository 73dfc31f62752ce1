import type { Settings } from '../../config/settings.ts';
import type { Check, Finding, Mode } from './finding.ts';
import { portChecks } from './ports.ts';
import { programChecks } from './programs.ts';
import { rightsCheck } from './rights.ts';
import { postgresCheck, temporalCheck } from './servers.ts';
import { storageCheck } from './storage.ts';

export interface Examined {
  readonly name: string;
  readonly finding: Finding;
}

/** Everything that can be missing, in the order in which a person would mend it. */
export function allChecks(settings: Settings): Check[] {
  return [
    ...programChecks,
    rightsCheck,
    postgresCheck,
    temporalCheck(settings),
    storageCheck(settings.stateDir),
    ...portChecks(settings),
  ];
}

/** Runs the checks that the mode needs. */
export async function examine(checks: readonly Check[], mode: Mode): Promise<Examined[]> {
  const needed = checks.filter((check) => check.neededFor(mode));
  return Promise.all(needed.map(async ({ name, run }) => ({ name, finding: await run() })));
}
