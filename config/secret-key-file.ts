import { join } from 'node:path';
import type { Settings } from './settings.ts';

/** The file with the key that seals secrets in the database: as set, or in the state folder. */
export function secretKeyFile(settings: Pick<Settings, 'secretKeyFile' | 'stateDir'>): string {
  return settings.secretKeyFile === '' ? join(settings.stateDir, 'secret.key') : settings.secretKeyFile;
}
