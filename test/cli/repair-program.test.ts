/** `weir repair` as the program that a person or a script calls: options, exit codes, both outputs. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../flows/support/cloud.ts';
import { stuckCreation } from '../flows/support/stuck.ts';
import { cloudOfItsOwn } from './support/repair.ts';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

let cloud: Cloud;
beforeAll(async () => {
  cloud = await cloudOfItsOwn();
});
afterAll(() => cloud.stop());

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function weir(args: readonly string[], databaseUrl = cloud.database.url): Promise<Said> {
  const program = ['--import', place('../flows/support/remote/typescript.mjs'), place('../../cli/main.ts'), ...args];
  const env = {
    PATH: process.env['PATH'],
    WEIR_DATABASE_URL: databaseUrl,
    WEIR_TEMPORAL_ADDRESS: cloud.settings.temporalAddress,
    WEIR_TEMPORAL_NAMESPACE: cloud.namespace,
    WEIR_TASK_QUEUE: cloud.taskQueue,
    WEIR_COMPUTE_DRIVER: 'noop',
  };
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

test('ends with 0 when nothing needs a person', async () => {
  expect(await weir(['repair'])).toMatchObject({ code: 0, err: '' });
});

test('ends with 3 and lists what is stuck, does what it is told about it, and ends with 0 again', async () => {
  await stuckCreation(cloud);
  const listed = await weir(['repair', '--list', '--json']);
  expect(listed.code).toBe(3);
  const { findings } = JSON.parse(listed.out) as { readonly findings: readonly { readonly id: string }[] };
  const [id = ''] = findings.map((finding) => finding.id);
  expect(id).toMatch(/^c-[0-9a-f]+\.\d+$/);
  expect((await weir(['repair'])).out).toContain('1 thing needs a person');

  const planned = await weir(['repair', 'give-up', id, '--dry-run']);
  expect([planned.code, planned.out]).toEqual([0, expect.stringContaining(`${id}: would`)]);
  expect((await weir(['repair'])).code).toBe(3);

  cloud.world.troubles.endAll();
  expect(await weir(['repair', 'retry', id])).toMatchObject({ code: 0, err: '' });
  expect((await weir(['repair', '--older-than', '0s'])).code).toBe(0);
});

test('ends with 1 and one line that names what was wrong', async () => {
  const nowhere = new URL(cloud.database.url);
  nowhere.port = '1';
  for (const { code, err } of [
    await weir(['repair'], nowhere.toString()),
    await weir(['repair', 'adopt', 'c-00000000.1']),
    await weir(['repair', 'give-up', 'nonsense']),
  ]) {
    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(1);
  }
});

test.each([
  [['repair', 'retry'], 'name one id, or --all'],
  [['repair', 'adopt'], "missing required argument 'id'"],
  [['repair', 'retry', 'c-1', '--force'], "unknown option '--force'"],
  [['repair', '--older-than', 'soon'], 'such as 90s, 5m or 2h'],
])('says of %s what is wrong with it, and does nothing', async (args, words) => {
  const { code, err } = await weir(args);
  expect(code).not.toBe(0);
  expect(err).toContain(words);
});
