import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unprivileged, type Command } from '../../cli/process/wrap.ts';
import type { AmphoraSpec } from '../../drivers/compute/contract.ts';
import type { HostSettings } from '../../drivers/compute/open.ts';
import { buildNetwork, buildPort, buildSpec } from './support/builders.ts';
import { eventually } from './support/eventually.ts';
import { linkNames, openTestHost, processesNamed, type TestHost } from './support/host.ts';
import { compile, type Program } from './support/program.ts';

const execute = promisify(execFile);

let program: Program;
let host: TestHost;
beforeAll(async () => {
  program = await compile('test/drivers/support/boot-once.ts');
  host = await openTestHost();
});
afterAll(async () => {
  await host.close();
  await program.remove();
});

const bootOnce = (spec: AmphoraSpec, settings: Partial<HostSettings> = {}): string[] => [
  program.path('test/drivers/support/boot-once.ts'),
  JSON.stringify({ ...host.settings, ...settings }),
  JSON.stringify(spec),
];

describe('a host process that is killed while it boots an amphora', () => {
  it.each([60, 90, 110, 130, 150, 170, 190, 220])(
    'leaves nothing that the next boot or delete does not put right (%i ms)',
    async (afterMs) => {
      const spec = buildSpec({ ports: [buildPort(buildNetwork(), 5)] });
      const child = spawn(process.execPath, bootOnce(spec), { stdio: 'ignore' });
      await Promise.race([sleep(afterMs), once(child, 'exit')]);
      child.kill('SIGKILL');
      const id = await host.driver.boot(spec);
      expect((await host.driver.state(id)).status).toBe('running');
      await eventually('one first process is left', async () => (await processesNamed(id)).length <= 2);
      expect(await processesNamed(id)).toContain(await host.init(id));
      await host.driver.delete(id);
      expect(await processesNamed(id)).toEqual([]);
      expect((await linkNames()).filter((link) => link === host.settings.managementBridge)).toEqual([]);
    },
  );
});

/** As a user who is not root, whoever runs the tests, and who reaches this checkout even below /root. */
async function runUnprivileged(command: Command): Promise<string> {
  const [program, ...rest] = unprivileged().wrap(command);
  return (await execute(program, rest)).stdout;
}

/** A state folder that everyone may write. */
async function openStateDir(): Promise<string> {
  const stateDir = await mkdtemp(join(tmpdir(), 'weir-rootless-'));
  await chmod(stateDir, 0o777);
  return stateDir;
}

describe('a host without root', () => {
  it('boots an amphora in namespaces of a user', async () => {
    const stateDir = await openStateDir();
    const script = 'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec "$@"';
    const boot = bootOnce(buildSpec({ ports: [buildPort(buildNetwork(), 5)] }), { stateDir });
    const confined: Command = ['unshare', '-Urnm', 'sh', '-c', script, 'sh', process.execPath, ...boot, 'probe'];
    expect(JSON.parse(await runUnprivileged(confined))).toMatchObject({
      uid: '0\n',
      answered: true,
      state: { status: 'running' },
      left: { links: ['lo'], rules: '', ids: [] },
    });
    await rm(stateDir, { recursive: true });
  });

  it('says in one line what it lacks', async () => {
    const stateDir = await openStateDir();
    await expect(runUnprivileged([process.execPath, ...bootOnce(buildSpec(), { stateDir })])).rejects.toThrow(
      /NoValidHost: This host cannot run amphorae: .*needs root/,
    );
    await rm(stateDir, { recursive: true });
  });
});
