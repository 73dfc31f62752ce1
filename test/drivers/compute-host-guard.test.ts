import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bridgeOf, portLink } from '../../drivers/compute/host/names.ts';
import { plugNamespace, unplugPort } from '../../drivers/compute/host/plug.ts';
import type { Port, PortDetails } from '../../model/network.ts';
import { buildNetwork, buildPort, buildSpec, type TestNetwork } from './support/builders.ts';
import { eventually } from './support/eventually.ts';
import { linkNames, openTestHost, output, type TestHost } from './support/host.ts';
import { inNetwork, openNamespace, reaches, reachesSoon, type TestNamespace } from './support/namespace.ts';

let host: TestHost;
beforeAll(async () => {
  host = await openTestHost();
});
afterAll(() => host.close());

/** An amphora with a port whose addresses are configured, as an agent would, and a client in the same network. */
interface Scene {
  readonly network: TestNetwork;
  readonly amphora: string;
  readonly pid: number;
  readonly details: PortDetails;
  readonly link: string;
  readonly client: PortDetails;
  readonly clientNamespace: TestNamespace;
}

async function openScene(): Promise<Scene> {
  const network = buildNetwork();
  const details = buildPort(network, 5);
  const amphora = await host.driver.boot(buildSpec({ ports: [details] }));
  const pid = await host.init(amphora);
  const link = portLink(details.port.id);
  await inNetwork(pid, 'ip', 'link', 'set', link, 'up');
  const scene = { network, amphora, pid, details, link };
  for (const address of [network.address(5), network.address6(5)]) await take(scene, address);
  const clientNamespace = await openNamespace();
  const client = buildPort(network, 20);
  await plugNamespace(clientNamespace.pid, client);
  return { ...scene, client, clientNamespace };
}

async function closeScene({ amphora, client, clientNamespace }: Scene): Promise<void> {
  await unplugPort(client.port.id, client.port.networkId);
  await clientNamespace.close();
  await host.driver.delete(amphora);
}

/** Configures an address in the amphora, whether it is its own or not. */
async function take({ pid, link }: Pick<Scene, 'pid' | 'link'>, address: string): Promise<void> {
  const [prefix, ...nodad] = address.includes(':') ? ['64', 'nodad'] : ['24'];
  await inNetwork(pid, 'ip', 'address', 'add', `${address}/${prefix}`, 'dev', link, ...nodad);
}

const allowing = (details: PortDetails, allowedAddresses: Port['allowedAddresses']): PortDetails => ({
  ...details,
  port: { ...details.port, allowedAddresses },
});

describe('a tenant network', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await openScene();
  });
  afterEach(() => closeScene(scene));

  it('carries what a port sends from its own addresses, in both families, and lets the host in', async () => {
    const { network, pid, clientNamespace } = scene;
    for (const address of [network.address(5), network.address6(5)]) {
      expect(await reachesSoon(clientNamespace.pid, address)).toBe(true);
      expect(await reachesSoon(null, address)).toBe(true);
    }
    expect(await reachesSoon(pid, network.address(1))).toBe(true);
  });

  it.each([
    ['IPv4', (network: TestNetwork): string => network.address(77)],
    ['IPv6', (network: TestNetwork): string => network.address6(77)],
  ])('drops what an amphora sends from an %s address that is not its own, until it is allowed to', async (_, pick) => {
    const { network, amphora, pid, details, clientNamespace } = scene;
    const stolen = pick(network);
    const client = stolen.includes(':') ? network.address6(20) : network.address(20);
    await take(scene, stolen);
    expect(await reaches(clientNamespace.pid, stolen)).toBe(false);
    expect(await reaches(pid, client, stolen)).toBe(false);
    await host.driver.refreshPort(amphora, allowing(details, [stolen]));
    expect(await reachesSoon(clientNamespace.pid, stolen)).toBe(true);
    await host.driver.refreshPort(amphora, details);
    expect(await reaches(pid, client, stolen)).toBe(false);
    const own = stolen.includes(':') ? network.address6(5) : network.address(5);
    expect(await reachesSoon(pid, client, own)).toBe(true);
  });

  it('keeps an amphora from taking over an address that another port has', async () => {
    const { network, pid, client } = scene;
    const victim = network.address(20);
    expect(await reachesSoon(null, victim)).toBe(true);
    await take(scene, victim);
    expect(await reaches(pid, network.address(1), victim)).toBe(false);
    expect(await output('ip', 'neighbour', 'show', victim)).toContain(client.port.macAddress);
    expect(await reachesSoon(null, victim)).toBe(true);
  });

  it('drops everything from another MAC address', async () => {
    const { network, pid, link } = scene;
    await inNetwork(pid, 'ip', 'link', 'set', link, 'address', 'fa:16:3e:ff:ff:01');
    expect(await reaches(pid, network.address(20))).toBe(false);
  });

  it('guards a port that is attached later in the same way', async () => {
    const { amphora, pid, clientNamespace } = scene;
    const network = buildNetwork();
    const late = buildPort(network, 5);
    const other = buildPort(network, 20);
    await host.driver.attachPort(amphora, late);
    await plugNamespace(clientNamespace.pid, other);
    const link = portLink(late.port.id);
    await inNetwork(pid, 'ip', 'link', 'set', link, 'up');
    for (const address of [network.address(5), network.address(6)]) await take({ pid, link }, address);
    expect(await reachesSoon(clientNamespace.pid, network.address(5))).toBe(true);
    expect(await reaches(clientNamespace.pid, network.address(6))).toBe(false);
    await unplugPort(other.port.id, network.id);
    await host.driver.detachPort(amphora, late.port.id);
    expect(await linkNames()).not.toContain(bridgeOf(network.id));
  });

  it('is joined by a namespace with addresses and a route to other networks, which the host routes', async () => {
    const { network, clientNamespace } = scene;
    const other = buildNetwork();
    const member = await openNamespace();
    const details = buildPort(other, 30);
    await plugNamespace(member.pid, details);
    await plugNamespace(member.pid, details);
    expect(await reachesSoon(clientNamespace.pid, other.address(30))).toBe(true);
    expect(await reachesSoon(member.pid, network.address(20))).toBe(true);
    await unplugPort(details.port.id, other.id);
    await unplugPort(details.port.id, other.id);
    await member.close();
  });
});

describe('the management network', () => {
  let scene: Scene;
  let address: string;
  beforeAll(async () => {
    scene = await openScene();
    address = (await host.driver.state(scene.amphora)).managementAddress ?? '';
  });
  afterAll(() => closeScene(scene));

  const hostAddress = (): string => address.replace(/\d+$/, '1');
  const send = (script: string): Promise<string> => inNetwork(scene.pid, process.execPath, '-e', script);

  it('carries heartbeats to the host’s port, and nothing to another', async () => {
    const received: number[] = [];
    const sockets = await Promise.all(
      [host.settings.healthBindPort, 0].map(async (port) => {
        const socket = createSocket('udp4');
        socket.bind(port, hostAddress());
        await once(socket, 'listening');
        socket.on('message', () => received.push(socket.address().port));
        return socket;
      }),
    );
    const ports = sockets.map((socket) => socket.address().port);
    // The forbidden one goes first, so that the other's arrival means that it is lost.
    for (const port of ports.toReversed()) {
      await send(
        `const s = require('node:dgram').createSocket('udp4'); s.send('x', ${port}, '${hostAddress()}', () => s.close())`,
      );
    }
    await eventually('the heartbeat is there', () => Promise.resolve(received.length > 0));
    expect(received).toEqual([host.settings.healthBindPort]);
    for (const socket of sockets) socket.close();
  });

  it('lets an amphora connect to nothing on the host', async () => {
    const server = createServer();
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const script = `
      const s = require('node:net').connect(${port}, '${hostAddress()}');
      s.setTimeout(700, () => process.exit(0)); s.on('error', () => process.exit(0)); s.on('connect', () => process.exit(7));`;
    await expect(send(script)).resolves.toBe('');
    server.close();
  });

  it('lets an amphora reach neither another amphora nor, through the host, a tenant network', async () => {
    const other = await host.driver.boot(buildSpec());
    const { managementAddress } = await host.driver.state(other);
    expect(await reaches(scene.pid, managementAddress ?? '')).toBe(false);
    const member = await openNamespace();
    const details = buildPort(buildNetwork(), 30);
    await plugNamespace(member.pid, details);
    expect(await reaches(member.pid, address)).toBe(false);
    await unplugPort(details.port.id, details.port.networkId);
    await member.close();
    await host.driver.delete(other);
  });

  it('drops what comes from an address that was not allotted', async () => {
    const forged = address.replace(/\d+$/, '200');
    await inNetwork(scene.pid, 'ip', 'address', 'add', `${forged}/24`, 'dev', 'mgmt0');
    const socket = createSocket('udp4');
    socket.bind(host.settings.healthBindPort, hostAddress());
    await once(socket, 'listening');
    const senders: string[] = [];
    socket.on('message', (_, from) => senders.push(from.address));
    for (const from of [forged, address]) {
      await send(`const s = require('node:dgram').createSocket('udp4');
        s.bind(0, '${from}', () => s.send('x', ${host.settings.healthBindPort}, '${hostAddress()}', () => s.close()))`);
    }
    await eventually('the honest one is there', () => Promise.resolve(senders.length > 0));
    expect(senders).toEqual([address]);
    socket.close();
  });
});
