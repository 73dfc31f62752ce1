import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../config/log.ts';
import { secretKeyFile } from '../config/secret-key-file.ts';
import type { Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import { isUnavailable } from '../db/errors.ts';
import { UnsealFailed, type Sealer } from '../drivers/certificates/sealing.ts';
import { validAuthorities } from '../drivers/certificates/store.ts';

interface Keyed {
  readonly db: Db;
  readonly sealer: Sealer;
  readonly settings: Pick<Settings, 'secretKeyFile' | 'stateDir'>;
}

const lookEveryMs = 500;

/**
 * Throws when the secret key of this worker does not open what others have sealed: every flow that this worker took would fail. Waits
 * for a database that is away, until `signal`. A database in which nothing was sealed takes any key.
 */
export async function requireSecretKey(deps: Keyed, log: Logger, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await openAuthorities(deps);
    } catch (error) {
      if (error instanceof UnsealFailed) throw wrongKey(deps.settings, error);
      if (!isUnavailable(error)) throw error;
      if (attempt % 10 === 0) log.warn({ err: error }, 'the database is not there yet');
      await sleep(lookEveryMs);
    }
  }
}

async function openAuthorities({ db, sealer }: Keyed): Promise<void> {
  for (const { sealedKey } of await validAuthorities(db, new Date())) sealer.unseal(sealedKey);
}

const wrongKey = (settings: Keyed['settings'], cause: UnsealFailed): Error =>
  new Error(
    `${secretKeyFile(settings)} is not the key that sealed the secrets in the database: WEIR_SECRET_KEY_FILE must name the same key on every worker and host`,
    { cause },
  );
