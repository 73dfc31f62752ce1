import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { secretKeyFile } from './secret-key-file.ts';
import { InvalidSetting, type Settings } from './settings.ts';

const keyBytes = 32;

/**
 * The key of the heartbeats' HMAC: the one that is set, else one derived from the secret key, so that all processes of a
 * deployment agree without another secret to hand out. Throws InvalidSetting when there is no secret key either.
 */
export async function heartbeatKeyOf(
  settings: Pick<Settings, 'heartbeatKey' | 'secretKeyFile' | 'stateDir'>,
): Promise<string> {
  if (settings.heartbeatKey !== '') return settings.heartbeatKey;
  return createHmac('sha256', await readSecretKey(secretKeyFile(settings)))
    .update('heartbeat')
    .digest('hex');
}

async function readSecretKey(file: string): Promise<Buffer> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InvalidSetting(
      `WEIR_HEARTBEAT_KEY is not set and the secret key ${file} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  });
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) throw new InvalidSetting(`${file}: must hold ${keyBytes} bytes in base64`);
  return key;
}
