import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { unprivileged } from '../../cli/process/wrap.ts';

const run = promisify(execFile);

describe('a program that refuses to run as root', () => {
  it('runs as a user who is not root and has a name on every machine', async () => {
    const [program, ...args] = unprivileged().wrap(['id', '-un']);
    const name = (await run(program, args)).stdout.trim();
    const expected = process.getuid?.() === 0 ? 'nobody' : (await run('id', ['-un'])).stdout.trim();
    expect(name).toBe(expected);
  });
});
