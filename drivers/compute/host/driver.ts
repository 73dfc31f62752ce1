/** The compute driver `host`: an amphora is a set of namespaces on this machine with its own processes, folders and interfaces. */
import type { Logger } from '../../../config/log.ts';
import type { PortDetails } from '../../../model/network.ts';
import { DriverError } from '../../errors.ts';
import type { AmphoraSpec, ComputeDriver, ComputeState } from '../contract.ts';
import {
  folderExists,
  folderOf,
  isComputeId,
  listFolders,
  readAddress,
  readPorts,
  removeFolder,
  removePort,
  writeAddress,
  writeConfiguration,
  writePort,
  type AmphoraFolder,
} from './folder.ts';
import { guard, managementRules, portRules } from './guard.ts';
import { ipBatch, readLinks, withNetworkLock } from './links.ts';
import { withLock } from './lock.ts';
import { amphoraLines, chooseAddress, hostLines, managementPort, type ManagementNetwork } from './management.ts';
import { bridgeOf, managementLink, portLink } from './names.ts';
import { allowForwarding, guardPort, plugLines, plugPort, removeLinks } from './plug.ts';
import { endProcesses, findInit, isReady, startInit } from './process.ts';

export interface HostOptions {
  /** Folder that holds a folder per amphora. */
  readonly root: string;
  readonly management: ManagementNetwork;
  /** Program and arguments of the agent, as seen in the amphora. */
  readonly agentCommand: readonly string[];
  readonly log: Logger;
}

const unknown = { fault: null, imageId: null, computeFlavor: null, cachedZone: null } as const;
const gone: ComputeState = { ...unknown, status: 'gone', managementAddress: null };

/** A compute driver that can also end amphorae without forgetting them, as a machine that is switched off and on again. */
export interface HostCompute extends ComputeDriver {
  /** Ends the amphora's processes and removes its interfaces; its folder stays. */
  stop(computeId: string): Promise<void>;
  /** Runs an amphora again that stopped or that a restart of the machine ended. Throws ComputeNotFound. */
  start(computeId: string): Promise<void>;
}

class Host implements HostCompute {
  readonly #options: HostOptions;
  readonly #booting = new Set<string>();

  constructor(options: HostOptions) {
    this.#options = options;
  }

  async boot(spec: AmphoraSpec): Promise<string> {
    const id = spec.amphoraId.toLowerCase();
    if (!isComputeId(id)) throw new DriverError('ComputeFailed', `'${spec.amphoraId}' is not the id of an amphora.`);
    this.#booting.add(id);
    try {
      await this.#exclusively(id, (folder) => this.#bootExclusively(folder, spec));
    } finally {
      this.#booting.delete(id);
    }
    return id;
  }

  async #bootExclusively(folder: AmphoraFolder, spec: AmphoraSpec): Promise<void> {
    if (await this.#runs(folder)) {
      for (const details of spec.ports) await this.#attach(folder, details);
      return;
    }
    if (await folderExists(folder)) await this.#destroy(folder);
    const began = performance.now();
    try {
      await writeConfiguration(folder, spec);
      for (const details of spec.ports) await writePort(folder, details);
      await this.#startProcesses(folder);
    } catch (error) {
      await this.#destroy(folder);
      throw error;
    }
    const ms = Math.round(performance.now() - began);
    this.#options.log.info({ computeId: folder.computeId, ms }, 'amphora booted');
  }

  async find(amphoraId: string): Promise<string | null> {
    const id = amphoraId.toLowerCase();
    return isComputeId(id) && (await folderExists(this.#folder(id))) ? id : null;
  }

  async state(computeId: string): Promise<ComputeState> {
    if (!isComputeId(computeId)) return gone;
    const folder = this.#folder(computeId);
    if (!(await folderExists(folder))) return this.#booting.has(computeId) ? { ...gone, status: 'building' } : gone;
    const known = { ...unknown, managementAddress: await readAddress(folder) };
    if (await this.#runs(folder)) return { ...known, status: 'running' };
    if (this.#booting.has(computeId)) return { ...known, status: 'building' };
    return { ...known, status: 'failed', fault: 'The amphora’s processes no longer run on this host.' };
  }

  async attachPort(computeId: string, details: PortDetails): Promise<void> {
    await this.#exclusively(computeId, (folder) => this.#attach(folder, details));
  }

  async refreshPort(computeId: string, details: PortDetails): Promise<void> {
    await this.#exclusively(computeId, async (folder) => {
      const attached = (await readPorts(folder)).some(({ port }) => port.id === details.port.id);
      if (!attached) return;
      await writePort(folder, details);
      if ((await readLinks()).has(portLink(details.port.id))) await guardPort(details);
    });
  }

  async detachPort(computeId: string, portId: string): Promise<void> {
    await this.#exclusively(computeId, async (folder) => {
      const attached = (await readPorts(folder)).find(({ port }) => port.id === portId);
      if (attached === undefined) return;
      await removeLinks([portLink(portId)], [bridgeOf(attached.port.networkId)]);
      await removePort(folder, portId);
    });
  }

  async delete(computeId: string): Promise<void> {
    if (!isComputeId(computeId)) return;
    await this.#exclusively(computeId, async (folder) => {
      if (await folderExists(folder)) await this.#destroy(folder);
    });
  }

  list(): Promise<readonly string[]> {
    return listFolders(this.#options.root);
  }

  async stop(computeId: string): Promise<void> {
    await this.#exclusively(computeId, async (folder) => {
      if (await folderExists(folder)) await this.#end(folder);
    });
  }

  async start(computeId: string): Promise<void> {
    await this.#exclusively(computeId, async (folder) => {
      if (!(await folderExists(folder))) throw notFound(computeId);
      if (await this.#runs(folder)) return;
      await this.#end(folder);
      await this.#startProcesses(folder);
    });
  }

  #folder(computeId: string): AmphoraFolder {
    return folderOf(this.#options.root, computeId);
  }

  async #exclusively<T>(computeId: string, work: (folder: AmphoraFolder) => Promise<T>): Promise<T> {
    if (!isComputeId(computeId)) throw notFound(computeId);
    return withLock(`amphora/${computeId}`, () => work(this.#folder(computeId)));
  }

  async #runs(folder: AmphoraFolder): Promise<boolean> {
    return (await isReady(folder)) && (await findInit(folder)) !== null;
  }

  async #attach(folder: AmphoraFolder, details: PortDetails): Promise<void> {
    const pid = await findInit(folder);
    if (pid === null) throw notFound(folder.computeId);
    await writePort(folder, details);
    await plugPort(details, pid);
  }

  /** Starts the first process and gives it all interfaces that the folder knows of, in as few steps as can be. */
  async #startProcesses(folder: AmphoraFolder): Promise<void> {
    const { management, agentCommand } = this.#options;
    const amphora = await startInit(folder, agentCommand);
    try {
      const address = await this.#makeInterfaces(folder, amphora.pid);
      await amphora.go(amphoraLines(management, address));
    } catch (error) {
      throw (await amphora.abandon()) ?? error;
    }
  }

  /** Returns the amphora's management address. */
  async #makeInterfaces(folder: AmphoraFolder, pid: number): Promise<string> {
    const { management } = this.#options;
    const ports = await readPorts(folder);
    const link = managementLink(folder.computeId);
    return withNetworkLock(async () => {
      const address = (await readAddress(folder)) ?? (await this.#allotAddress(folder));
      const links = new Set(await readLinks());
      const lines = [...hostLines(management, links, link, address, pid)];
      for (const details of ports) {
        lines.push(...plugLines(links, details, pid));
        links.add(bridgeOf(details.port.networkId));
      }
      const rules = new Map([[link, managementRules(managementPort(management, address))]]);
      for (const { port } of ports) rules.set(portLink(port.id), portRules(port));
      await Promise.all([guard(rules, management.bridge), ipBatch(lines)]);
      for (const { port } of ports) await allowForwarding(port.networkId);
      return address;
    });
  }

  /** Chooses a management address and keeps it. Hold the network lock. */
  async #allotAddress(folder: AmphoraFolder): Promise<string> {
    const others = await listFolders(this.#options.root);
    const taken = await Promise.all(others.map((id) => readAddress(this.#folder(id))));
    const address = chooseAddress(
      this.#options.management,
      taken.filter((value) => value !== null),
    );
    await writeAddress(folder, address);
    return address;
  }

  async #end(folder: AmphoraFolder): Promise<void> {
    await endProcesses(folder);
    const ports = (await readPorts(folder)).map(({ port }) => port);
    const links = [managementLink(folder.computeId), ...ports.map((port) => portLink(port.id))];
    const bridges = ports.map((port) => bridgeOf(port.networkId));
    await removeLinks(links, bridges, this.#options.management.bridge);
  }

  async #destroy(folder: AmphoraFolder): Promise<void> {
    await this.#end(folder);
    await removeFolder(folder);
  }
}

function notFound(computeId: string): DriverError {
  return new DriverError('ComputeNotFound', `No amphora ${computeId} runs on this host.`);
}

/** A driver for the amphorae of this host. It keeps nothing in memory: another process finds all of them again. */
export function hostCompute(options: HostOptions): HostCompute {
  return new Host(options);
}
