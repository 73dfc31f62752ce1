import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../drivers/compute/host/command.ts';
import { hostCompute } from '../../drivers/compute/host/driver.ts';
import { managementNetwork } from '../../drivers/compute/host/management.ts';
import { bridgeOf, managementLink, portLink } from '../../drivers/compute/host/names.ts';
import { createLogger } from '../../config/log.ts';
import { computeConformance } from './compute-conformance.ts';
import { buildNetwork, buildPort, buildSpec } from './support/builders.ts';
import { eventually } from './support/eventually.ts';
import { inAmphora, linkNames, openTestHost, output, processesWith, type TestHost } from './support/host.ts';

let host: TestHost;
beforeAll(async () => {
  host = await openTestHost();
});
afterAll(() => host.close());

computeConformance('host', () => host.driver);

const ask = async (address: string | null): Promise<string> =>
  (await fetch(`http://${address}:9443/`, { signal: AbortSignal.timeout(1_000) })).text();

async function agentOf(computeId: string): Promise<string> {
  const { managementAddress } = await host.driver.state(computeId);
  let agent = '';
  await eventually('the agent answers', async () => (agent = await ask(managementAddress)) !== '');
  return agent;
}

describe('an amphora on a host', () => {
  it('has its own processes, name, folders and interfaces, and its agent answers on the management network', async () => {
    const port = buildPort(buildNetwork(), 5);
    const id = await host.driver.boot(buildSpec({ serverPem: 'CERT', agentConfig: 'CONF', ports: [port] }));
    const init = await host.init(id);
    await agentOf(id);
    expect(await inAmphora(init, 'hostname')).toBe(`amphora-${id}\n`);
    expect(await inAmphora(init, 'cat', '/etc/octavia/amphora-agent.conf')).toBe('CONF');
    expect(await inAmphora(init, 'ls', '/var/lib/octavia')).toBe('');
    expect(await inAmphora(init, 'stat', '-c', '%F', '/run/rsyslog/octavia')).toBe('directory\n');
    const server = await stat(host.folder(id, 'etc', 'certs', 'server.pem'));
    expect(server.mode & 0o777).toBe(0o600);
    expect((await inAmphora(init, 'ps', '-e', '-o', 'pid=')).trim().split(/\s+/)[0]).toBe('1');
    const link = JSON.parse(await inAmphora(init, 'ip', '-json', 'link')) as { address: string; mtu: number }[];
    expect(link.find(({ address }) => address === port.port.macAddress)).toMatchObject({ mtu: 1450 });
    await inAmphora(init, 'ip', 'netns', 'add', 'amphora-haproxy');
    await host.driver.delete(id);
  });

  it('hands nothing of our environment on, since that holds secrets', async () => {
    const id = await host.driver.boot(buildSpec());
    const environment = await readFile(`/proc/${await host.init(id)}/environ`, 'utf8');
    const names = environment.split('\0').map((line) => line.split('=')[0]);
    expect(new Set(names)).toEqual(new Set(['HOME', 'LC_ALL', 'PATH', '']));
    await host.driver.delete(id);
  });

  it('starts its agent again when that is killed, and lets no zombie stay', async () => {
    const id = await host.driver.boot(buildSpec());
    const init = await host.init(id);
    const first = await agentOf(id);
    await inAmphora(init, 'sh', '-c', '(sleep 0.1 &)');
    await inAmphora(init, 'kill', '-9', first);
    await eventually(
      'another agent answers',
      async () => (await ask((await host.driver.state(id)).managementAddress)) !== first,
    );
    await eventually(
      'no zombie is left',
      async () => !(await inAmphora(init, 'ps', '-e', '-o', 'stat=')).includes('Z'),
    );
    expect(await host.init(id)).toBe(init);
    await host.driver.delete(id);
  });

  it('has failed when its first process is killed, and all of it ends', async () => {
    const id = await host.driver.boot(buildSpec());
    const init = await host.init(id);
    await agentOf(id);
    const processes = await processesWith(init);
    expect(processes.length).toBeGreaterThan(1);
    process.kill(init, 'SIGKILL');
    await eventually('the state is failed', async () => (await host.driver.state(id)).status === 'failed');
    expect((await host.driver.state(id)).fault).not.toBeNull();
    for (const pid of processes) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await host.driver.delete(id);
    expect((await host.driver.state(id)).status).toBe('gone');
  });

  it('is known to the next process of ours, which ends it', async () => {
    const id = await host.driver.boot(buildSpec());
    const other = host.reopen();
    expect(await other.list()).toContain(id);
    expect((await other.state(id)).status).toBe('running');
    await other.delete(id);
    expect((await host.driver.state(id)).status).toBe('gone');
  });

  it('is stopped and started again with the same folders, address and ports', async () => {
    const port = buildPort(buildNetwork(), 5);
    const id = await host.driver.boot(buildSpec({ ports: [port] }));
    const { managementAddress } = await host.driver.state(id);
    await inAmphora(await host.init(id), 'touch', '/var/lib/octavia/kept');
    await host.driver.stop(id);
    expect((await host.driver.state(id)).status).toBe('failed');
    expect(await linkNames()).not.toContain(portLink(port.port.id));
    await host.driver.start(id);
    expect(await host.driver.state(id)).toMatchObject({ status: 'running', managementAddress });
    expect(await inAmphora(await host.init(id), 'ls', '/var/lib/octavia')).toBe('kept\n');
    expect(await linkNames()).toContain(portLink(port.port.id));
    await host.driver.delete(id);
  });

  it('leaves no process, interface, rule or folder behind', async () => {
    const network = buildNetwork();
    const [one, two] = [buildPort(network, 5), buildPort(buildNetwork(), 6)];
    const id = await host.driver.boot(buildSpec({ ports: [one] }));
    await host.driver.attachPort(id, two);
    const init = await host.init(id);
    const processes = await processesWith(init);
    const made = [managementLink(id), portLink(one.port.id), portLink(two.port.id)];
    const bridges = [bridgeOf(one.port.networkId), bridgeOf(two.port.networkId)];
    expect(await linkNames()).toEqual(expect.arrayContaining([...made, ...bridges]));
    await host.driver.delete(id);
    const left = await linkNames();
    for (const link of [...made, ...bridges]) expect(left).not.toContain(link);
    const rules = await output('nft', 'list', 'ruleset');
    for (const link of made) expect(rules).not.toContain(link);
    for (const pid of processes) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await expect(stat(host.folder(id))).rejects.toThrow('ENOENT');
  });

  it('keeps a bridge while another port uses it', async () => {
    const network = buildNetwork();
    const one = await host.driver.boot(buildSpec({ ports: [buildPort(network, 5)] }));
    const two = await host.driver.boot(buildSpec({ ports: [buildPort(network, 6)] }));
    await host.driver.delete(one);
    expect(await linkNames()).toContain(bridgeOf(network.id));
    await host.driver.delete(two);
    expect(await linkNames()).not.toContain(bridgeOf(network.id));
  });

  it('ends no process that has the number of one that was its own', async () => {
    const id = await host.driver.boot(buildSpec());
    const pid = await host.init(id);
    process.kill(pid, 'SIGKILL');
    await eventually('it has ended', async () => (await host.driver.state(id)).status === 'failed');
    const mark = await readFile(host.folder(id, 'pid'), 'utf8');
    await writeFile(host.folder(id, 'pid'), mark.replace(/^\d+/, String(process.pid)));
    await host.driver.delete(id);
    expect((await host.driver.state(id)).status).toBe('gone');
  });

  it('says ComputeNotFound when a port is attached to one that does not run', async () => {
    const spec = buildSpec();
    await expect(host.driver.attachPort(spec.amphoraId, buildPort(buildNetwork(), 5))).rejects.toMatchObject({
      type: 'ComputeNotFound',
    });
    expect(await host.driver.list()).not.toContain(spec.amphoraId);
  });

  it('takes nothing for an id that is none', async () => {
    await expect(host.driver.boot(buildSpec({ amphoraId: '../../etc' }))).rejects.toMatchObject({
      type: 'ComputeFailed',
    });
    expect((await host.driver.state('../../etc')).status).toBe('gone');
    await host.driver.delete('..');
  });
});

describe('a host that cannot', () => {
  it('names the tool that is missing', async () => {
    const message = "This host cannot run amphorae: 'weir-no-such-tool' is not installed.";
    await expect(run('weir-no-such-tool', [])).rejects.toMatchObject({ type: 'NoValidHost', message });
  });

  const log = createLogger('test', 'silent');
  const management = (): ReturnType<typeof managementNetwork> => managementNetwork(host.settings);

  it.each([
    ['size=4k', 'no space left on the device'],
    ['ro', 'the file system is read-only'],
  ])('says in one line why its folder cannot be written: %s', async (option, reason) => {
    const root = await mkdtemp(join(tmpdir(), 'weir-disk-'));
    await output('mount', '-t', 'tmpfs', '-o', option, 'tmpfs', root);
    try {
      const driver = hostCompute({
        root: join(root, 'amphorae'),
        management: management(),
        agentCommand: ['true'],
        log,
      });
      const spec = buildSpec({ agentConfig: 'x'.repeat(100_000) });
      const refusal = { type: 'NoValidHost', message: expect.stringContaining(reason) as string };
      await expect(driver.boot(spec)).rejects.toMatchObject(refusal);
      expect(await driver.list()).toEqual([]);
    } finally {
      await output('umount', root);
      await rm(root, { recursive: true });
    }
  });

  it.each([
    [{ managementCidr: 'x' }, 'WEIR_MANAGEMENT_CIDR'],
    [{ managementCidr: 'fd00::/64' }, 'WEIR_MANAGEMENT_CIDR'],
    [{ managementBridge: 'much-too-long-a-name' }, 'WEIR_MANAGEMENT_BRIDGE'],
    [{ healthControllers: 'nowhere' }, 'WEIR_HEALTH_CONTROLLERS'],
  ])('names the setting that is wrong: %o', (part, name) => {
    expect(() => managementNetwork({ ...host.settings, ...part })).toThrow(name);
  });
});
