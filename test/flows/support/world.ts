import type { AmphoraDriver } from '../../../drivers/amphora/contract.ts';
import type { CertificateAuthority } from '../../../drivers/certificates/contract.ts';
import type { ComputeDriver, ComputeState } from '../../../drivers/compute/contract.ts';
import { DriverError } from '../../../drivers/errors.ts';
import { servingAmphorae, type Amphora } from '../../../model/graph.ts';
import { Troubles } from './trouble.ts';

interface Machine {
  readonly loadBalancerId: string;
  readonly ports: Set<string>;
}

/** What one simulated amphora was told, newest last. */
interface Told {
  /** Of the configuration that HAProxy runs. */
  sequence: number;
  vrrpSequence: number;
  /** The amphorae, itself among them, that its keepalived knows. */
  pair: readonly string[];
  /** Port → the subnets that its interface is configured for. */
  interfaces: Map<string, readonly string[]>;
  vipPlugged: boolean;
}

/**
 * A cloud that is not here, behind the real driver contracts: machines that boot at once and amphorae that remember what they
 * were told. It counts effects, so that a test sees a machine that was booted twice or left behind.
 */
export class World {
  readonly troubles = new Troubles();
  readonly machines = new Map<string, Machine>();
  readonly amphorae = new Map<string, Told>();
  /** The load balancers of all machines that were ever made, one for each. */
  readonly #boots: string[] = [];
  /** Every amphora that ever had a machine, with its load balancer: its row may be gone. */
  readonly #booted = new Map<string, string>();
  /** Load balancers whose machines do not come up. */
  readonly doomed = new Set<string>();
  /** Load balancers whose machines go on booting. */
  readonly slow = new Set<string>();
  /** Amphorae that do not answer. */
  readonly dead = new Set<string>();

  machinesOf(loadBalancerId: string): readonly string[] {
    return [...this.machines].flatMap(([id, machine]) => (machine.loadBalancerId === loadBalancerId ? [id] : []));
  }

  /** How many machines were ever made for a load balancer, or for all. */
  boots(loadBalancerId?: string): number {
    return this.#boots.filter((one) => loadBalancerId === undefined || one === loadBalancerId).length;
  }

  /** The ids of all amphorae that ever had a machine for a load balancer. */
  amphoraeOf(loadBalancerId: string): readonly string[] {
    return [...this.#booted].flatMap(([id, of]) => (of === loadBalancerId ? [id] : []));
  }

  /** The machine of an amphora, made if it is not there. Returns its id. */
  machine(amphoraId: string, loadBalancerId: string, ports: readonly string[] = []): string {
    const id = `machine-${amphoraId}`;
    if (!this.machines.has(id)) {
      this.machines.set(id, { loadBalancerId, ports: new Set(ports) });
      this.#booted.set(amphoraId, loadBalancerId);
      this.#boots.push(loadBalancerId);
    }
    return id;
  }

  readonly compute: ComputeDriver = this.troubles.wrap('compute', {
    boot: ({ amphoraId, loadBalancerId, ports }) =>
      Promise.resolve(
        this.machine(
          amphoraId,
          loadBalancerId,
          ports.map(({ port }) => port.id),
        ),
      ),
    find: (amphoraId) => Promise.resolve(this.machines.has(`machine-${amphoraId}`) ? `machine-${amphoraId}` : null),
    state: (id) => Promise.resolve(this.#stateOf(id)),
    attachPort: (id, { port }) => Promise.resolve(void this.#requireMachine(id).ports.add(port.id)),
    refreshPort: (id) => Promise.resolve(void this.#requireMachine(id)),
    detachPort: (id, portId) => {
      this.machines.get(id)?.ports.delete(portId);
      this.amphorae.get(id.replace(/^machine-/, ''))?.interfaces.delete(portId);
      return Promise.resolve();
    },
    delete: (id) => Promise.resolve(void this.machines.delete(id)),
    list: () => Promise.resolve([...this.machines.keys()]),
  } satisfies ComputeDriver);

  readonly amphora: AmphoraDriver = this.troubles.wrap('amphora', {
    info: (amphora) =>
      this.#answer(amphora, () => ({ hostname: amphora.id, haproxyVersion: '2.6.12', apiVersion: '1.0' })),
    plugVip: (amphora) => this.#answer(amphora, (told) => void (told.vipPlugged = true)),
    plugNetwork: (amphora, { port }) =>
      this.#answer(amphora, (told) => {
        told.interfaces.set(
          port.id,
          port.fixedIps.map(({ subnetId }) => subnetId),
        );
      }),
    applyListeners: (amphora, { sequence }) =>
      this.#answer(amphora, (told) => {
        refuseOlder(sequence, told.sequence);
        told.sequence = sequence;
      }),
    // Its own VRRP address has each.
    interfaceOf: (amphora, address) =>
      this.#answer(amphora, () => (address === amphora.vrrpIp || this.#holdsVip(amphora) ? 'eth1' : null)),
    applyVrrp: (amphora, graph) =>
      this.#answer(amphora, (told) => {
        refuseOlder(graph.sequence, told.vrrpSequence);
        told.vrrpSequence = graph.sequence;
        told.pair = servingAmphorae(graph).map(({ id }) => id);
      }),
    rotateCertificate: (amphora) => this.#answer(amphora, () => undefined),
  } satisfies AmphoraDriver);

  readonly certificates: CertificateAuthority = this.troubles.wrap('certificates', {
    issueForAmphora: (id) => Promise.resolve({ pem: `pem of ${id}`, notAfter: new Date('2100-01-01T00:00:00Z') }),
    clientCertificate: () => Promise.resolve({ pem: 'client pem', notAfter: new Date('2100-01-01T00:00:00Z') }),
    trustBundle: () => Promise.resolve('trust bundle'),
  } satisfies CertificateAuthority);

  /** The MASTER of a pair holds the VIP; the BACKUP does when the MASTER is dead. */
  #holdsVip({ id, role }: Amphora): boolean {
    const loadBalancerOf = (amphora: string): string | undefined =>
      this.machines.get(`machine-${amphora}`)?.loadBalancerId;
    return role !== 'BACKUP' || [...this.dead].some((other) => loadBalancerOf(other) === loadBalancerOf(id));
  }

  #stateOf(id: string): ComputeState {
    const machine = this.machines.get(id);
    if (machine === undefined) return gone;
    if (this.slow.has(machine.loadBalancerId)) return building;
    return this.doomed.has(machine.loadBalancerId) ? failed : running;
  }

  #requireMachine(id: string): Machine {
    const machine = this.machines.get(id);
    if (machine === undefined) throw new DriverError('ComputeNotFound', `no machine ${id}`);
    return machine;
  }

  async #answer<T>(amphora: Amphora, work: (told: Told) => T): Promise<T> {
    const { id, computeId } = amphora;
    if (this.dead.has(id) || computeId === null || !this.machines.has(computeId))
      throw new DriverError('AmphoraUnreachable', `amphora ${id} does not answer`);
    const told = this.amphorae.get(id) ?? {
      sequence: 0,
      vrrpSequence: 0,
      pair: [],
      interfaces: new Map(),
      vipPlugged: false,
    };
    this.amphorae.set(id, told);
    return work(told);
  }
}

/** As the agent does: nobody that comes back late undoes what a newer operation has told it. */
function refuseOlder(sequence: number, inPlace: number): void {
  if (sequence < inPlace) throw new DriverError('StaleSequence', `Sequence ${sequence} is older than ${inPlace}`);
}

const nothing = { fault: null, imageId: null, computeFlavor: null, cachedZone: null };
const running: ComputeState = { ...nothing, status: 'running', managementAddress: '172.29.0.2' };
const building: ComputeState = { ...nothing, status: 'building', managementAddress: null };
const failed: ComputeState = {
  ...nothing,
  status: 'failed',
  fault: 'No valid host was found.',
  managementAddress: null,
};
const gone: ComputeState = { ...nothing, status: 'gone', managementAddress: null };
