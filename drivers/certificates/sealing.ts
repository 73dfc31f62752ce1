/** Secrets in the database are sealed: AES-256-GCM under one key that lives outside of it (Octavia: server_certs_key_passphrase). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DriverError } from '../errors.ts';

const keyBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
/** Begins every sealed text, so that another cipher can be told apart later; authenticated with the rest. */
const version = 'weir1';

export interface Sealer {
  /** Seals text; the same text gives another result each time. */
  seal(plain: string): string;
  /** Opens what `seal` gave. Throws UnsealFailed for anything else, and for another key. */
  unseal(sealed: string): string;
}

export class UnsealFailed extends DriverError {
  constructor(reason: string, options?: { cause?: unknown }) {
    super('UnsealFailed', `a sealed secret cannot be opened: ${reason}`, options);
  }
}

function unseal(key: Uint8Array, sealed: string): string {
  const [prefix, body, rest] = sealed.split(':');
  if (prefix !== version || body === undefined || rest !== undefined) throw new UnsealFailed('it has an unknown form');
  const bytes = Buffer.from(body, 'base64url');
  if (bytes.length < ivBytes + tagBytes) throw new UnsealFailed('it is cut short');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(version));
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new UnsealFailed('it was changed, or sealed with another key', { cause });
  }
}

/** A sealer with a key of 32 bytes. Throws RangeError for another length. */
export function openSealer(key: Uint8Array): Sealer {
  if (key.length !== keyBytes) throw new RangeError(`the secret key must have ${keyBytes} bytes, not ${key.length}`);
  return {
    seal(plain) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes });
      cipher.setAAD(Buffer.from(version));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `${version}:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')}`;
    },
    unseal: (sealed) => unseal(key, sealed),
  };
}

async function read(path: string): Promise<Uint8Array | null> {
  try {
    const text = await readFile(path, 'utf8');
    const key = Buffer.from(text.trim(), 'base64');
    if (key.length !== keyBytes) throw new RangeError(`${path}: must hold ${keyBytes} bytes in base64`);
    return key;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Puts a new key in place whole or not at all; who comes second keeps what the first one wrote. */
async function create(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft);
  }
}

/** The secret key in a file, base64. Where there is no file, makes a key, readable by its owner alone. Throws RangeError for a file without a key. */
export async function loadSecretKey(path: string): Promise<Uint8Array> {
  const key = await read(path);
  if (key !== null) return key;
  await create(path);
  const created = await read(path);
  if (created === null) throw new Error(`${path}: vanished while it was made`);
  return created;
}
