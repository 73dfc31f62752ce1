import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heartbeatKeyOf } from '../../config/heartbeat-key.ts';
import { InvalidSetting } from '../../config/settings.ts';

let stateDir: string;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'weir-key-'));
});
afterEach(() => rm(stateDir, { recursive: true }));

describe('the heartbeat key', () => {
  it('is the one that is set', async () => {
    expect(await heartbeatKeyOf({ heartbeatKey: 'given', secretKeyFile: '', stateDir })).toBe('given');
  });

  it('is derived from the secret key otherwise', async () => {
    const secret = randomBytes(32);
    await writeFile(join(stateDir, 'secret.key'), `${secret.toString('base64')}\n`);
    const derived = createHmac('sha256', secret).update('heartbeat').digest('hex');
    expect(await heartbeatKeyOf({ heartbeatKey: '', secretKeyFile: '', stateDir })).toBe(derived);
  });

  it('names the file that is missing or too short', async () => {
    const file = join(stateDir, 'other.key');
    const settings = { heartbeatKey: '', secretKeyFile: file, stateDir };
    await expect(heartbeatKeyOf(settings)).rejects.toThrow(InvalidSetting);
    await writeFile(file, 'c2hvcnQ=');
    await expect(heartbeatKeyOf(settings)).rejects.toThrow(`${file}: must hold 32 bytes in base64`);
  });
});
