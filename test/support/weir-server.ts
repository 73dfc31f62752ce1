import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, udpPortIsFree } from '../../cli/net/ports.ts';
import { databaseUrl as urlOfDatabase } from '../../cli/postgres/cluster.ts';
import { tethered } from '../../cli/process/wrap.ts';
import { until } from '../../cli/process/until.ts';
import { namespaceOf } from '../../cli/quickstart/members.ts';
import { installationRoot } from '../../config/installation.ts';
import { firstAddress } from '../../config/cidr.ts';
import { createLogger } from '../../config/log.ts';
import { environmentOf, loadSettings, type Settings } from '../../config/settings.ts';
import { removeLinks } from '../../drivers/compute/host/plug.ts';
import { openHostCompute } from '../../drivers/compute/open.ts';
import { output } from '../drivers/support/host.ts';
import { startChild, type Child } from './child.ts';
import { foldersOfDeadRuns } from './dead-runs.ts';
import { freeNetwork } from './free-network.ts';

export interface TestWeir {
  readonly description: {
    readonly settings: Settings;
    /** The API of `weir up`, whose load balancers are SINGLE, and one beside it, whose load balancers are pairs. */
    readonly apiUrls: { readonly SINGLE: string; readonly ACTIVE_STANDBY: string };
  };
  stop(): Promise<void>;
}

const folderPrefix = 'weir-test-up-';
const ownFile = 'test-settings.json';
const buildAndStartLimitMs = 110_000;
const stopLimitMs = 40_000;

/**
 * A whole `weir up` through the launcher, which builds what is not current. Its folder, ports, bridge and networks are its own:
 * it runs beside any other. Throws when it is not root, or with all that `weir up` said when it does not come.
 */
export async function startTestWeir(): Promise<TestWeir> {
  if (process.getuid?.() !== 0) throw new Error('The end-to-end tests make network namespaces: run them as root.');
  await removeDeadRuns();
  const stateDir = await mkdtemp(join(tmpdir(), `${folderPrefix}${process.pid}-`));
  const own = await ownSettings(stateDir);
  await writeFile(join(stateDir, ownFile), JSON.stringify(own));
  const children: Child[] = [];
  const start = (env: Partial<Settings>, ...verb: string[]): Child => {
    const program = tethered('TERM', [join(installationRoot(), 'weir'), ...verb]);
    const child = startChild(program, { ...process.env, ...environmentOf(env) });
    children.push(child);
    return child;
  };
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await child.stop('SIGTERM', stopLimitMs);
    await removeRemains(own);
  };
  try {
    // It brings its own servers, whatever the environment names.
    const up = start({ ...own, databaseUrl: '', temporalAddress: '' }, 'up');
    await serving('weir up', up, () => up.output().includes('ready after'));
    const temporalAddress = `127.0.0.1:${own.temporalPort}`;
    const databaseUrl = await embeddedDatabase(stateDir);
    const settings = loadSettings(process.env, { ...own, databaseUrl, temporalAddress });
    const pairs = { ...settings, loadbalancerTopology: 'ACTIVE_STANDBY', apiPort: await freePort() } as const;
    const apiUrls = { SINGLE: urlOf(settings), ACTIVE_STANDBY: urlOf(pairs) };
    await serving('weir api', start(pairs, 'api'), () => answers(apiUrls.ACTIVE_STANDBY));
    return { description: { settings, apiUrls }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const urlOf = ({ apiHost, apiPort }: Settings): string => `http://${apiHost}:${apiPort}`;

async function serving(name: string, child: Child, serves: () => boolean | Promise<boolean>): Promise<void> {
  const ended = (): boolean => child.process.exitCode !== null || child.process.signalCode !== null;
  const outcome = await until(async () => ended() || serves(), buildAndStartLimitMs, 50);
  if (outcome !== true || ended()) throw new Error(`${name} did not start: ${child.output()}`);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

/** Failures are noticed soon: heartbeats each second, ten without one are enough. */
async function ownSettings(stateDir: string): Promise<Partial<Settings>> {
  const [temporalPort, temporalUiPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  return {
    stateDir,
    apiHost: '127.0.0.1',
    apiPort,
    temporalPort,
    temporalUiPort,
    healthBindPort: await freeUdpPort(),
    managementCidr: `${freeNetwork('172.28')}0/24`,
    managementBridge: `wu-${randomBytes(4).toString('hex')}`,
    defaultSubnetCidr: `${freeNetwork('10.67')}0/24`,
    loadbalancerTopology: 'SINGLE',
    heartbeatIntervalSec: 1,
    heartbeatTimeoutSec: 10,
    healthCheckIntervalSec: 1,
  };
}

async function freeUdpPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    if (await udpPortIsFree(port, '0.0.0.0')) return port;
  }
}

async function embeddedDatabase(stateDir: string): Promise<string> {
  const read = async (name: string): Promise<string> =>
    (await readFile(join(stateDir, 'postgres', name), 'utf8')).trim();
  return urlOfDatabase(Number(await read('port')), 'weir', await read('password'), 'weir');
}

async function removeDeadRuns(): Promise<void> {
  for (const folder of await foldersOfDeadRuns(folderPrefix)) {
    const file = join(folder, ownFile);
    const own = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Partial<Settings>) : {};
    await removeRemains({ ...own, stateDir: folder });
  }
}

/** Removes what outlives `weir up` (amphorae do, by design) and what tests that failed have left. */
async function removeRemains(own: Partial<Settings>): Promise<void> {
  const settings = loadSettings({}, own);
  const driver = openHostCompute(settings, createLogger('test', 'silent'));
  for (const id of await driver.list()) await driver.delete(id);
  const namespaces = await readdir('/run/netns').catch(() => []);
  const ours = namespaces.filter((name) => name.startsWith(namespaceOf(settings, '')));
  for (const name of ours) await output('ip', 'netns', 'delete', name);
  const gateway = firstAddress(settings.defaultSubnetCidr);
  const links = Object.entries(networkInterfaces());
  const bridge = links.find(([, all]) => all?.some(({ address }) => address === gateway))?.[0];
  if (own.defaultSubnetCidr !== undefined && bridge !== undefined) await removeLinks([], [bridge]);
  await rm(settings.stateDir, { recursive: true, force: true });
}
