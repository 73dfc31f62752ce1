import fc from 'fast-check';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadSecretKey, openSealer, UnsealFailed } from '../../drivers/certificates/sealing.ts';

const sealer = openSealer(Buffer.alloc(32, 7));

describe('a sealer', () => {
  test('opens what it sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (plain) => {
        const sealed = sealer.seal(plain);
        expect(sealed).toMatch(/^weir1:[\w-]+$/);
        expect(sealer.unseal(sealed)).toBe(plain);
      }),
    );
  });

  test('gives another text each time', () => {
    expect(sealer.seal('secret')).not.toBe(sealer.seal('secret'));
  });

  test('refuses another key', () => {
    const sealed = openSealer(Buffer.alloc(32, 8)).seal('secret');
    expect(() => sealer.unseal(sealed)).toThrow(UnsealFailed);
  });

  test('refuses text that was changed in any place', () => {
    const sealed = sealer.seal('secret');
    for (let at = 0; at < sealed.length - 1; at++) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      expect(() => sealer.unseal(sealed.slice(0, at) + other + sealed.slice(at + 1))).toThrow(UnsealFailed);
    }
  });

  test.each(['', 'weir1', 'weir1:', 'weir1:AAAA', 'weir2:AAAA', 'plain text', 'weir1:a:b'])('refuses %j', (text) => {
    expect(() => sealer.unseal(text)).toThrow(UnsealFailed);
  });

  test('wants a key of 32 bytes', () => {
    expect(() => openSealer(Buffer.alloc(16))).toThrow('the secret key must have 32 bytes, not 16');
  });
});

describe('the secret key', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-secret-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is made once, by whoever comes first, and readable by its owner alone', async () => {
    const path = join(folder, 'state', 'secret.key');
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadSecretKey(path)));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    const { mode } = await stat(path);
    expect(mode % 0o1000).toBe(0o600);
    expect(Buffer.from(await readFile(path, 'utf8'), 'base64')).toEqual(keys[0]);
  });

  test('in a file of another size is refused with the name of the file', async () => {
    const path = join(folder, 'secret.key');
    await writeFile(path, 'c2hvcnQ=\n');
    await expect(loadSecretKey(path)).rejects.toThrow(`${path}: must hold 32 bytes in base64`);
  });
});
