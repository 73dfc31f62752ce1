/** A place where amphorae run. Every method may be called twice with one effect; "not found" on delete is success. */
import type { AmphoraRole, Topology } from '../../model/status.ts';
import type { PortDetails } from '../../model/network.ts';

/** What an amphora is booted with. `serverPem` is secret: it is passed to the driver, never logged or stored in a history. */
export interface AmphoraSpec {
  readonly amphoraId: string;
  readonly loadBalancerId: string;
  readonly role: AmphoraRole;
  readonly topology: Topology;
  /** The amphora's certificate followed by its private key, PEM. */
  readonly serverPem: string;
  /** The authority that signed the controller's client certificate, PEM. */
  readonly clientCaPem: string;
  /** The text of amphora-agent.conf (Octavia: agent_jinja_cfg.py). Holds the heartbeat key, so it is as secret as `serverPem`. */
  readonly agentConfig: string;
  /** Ports that are plugged from the first moment, by the VRRP port first. */
  readonly ports: readonly PortDetails[];
}

export type ComputeStatus = 'building' | 'running' | 'failed' | 'gone';

export interface ComputeState {
  readonly status: ComputeStatus;
  /** Address of the amphora on the management network, once it is known. */
  readonly managementAddress: string | null;
  /** Why, when `status` is `failed`. */
  readonly fault: string | null;
  readonly imageId: string | null;
  readonly computeFlavor: string | null;
  readonly cachedZone: string | null;
}

export interface ComputeDriver {
  /** Starts an amphora and returns its compute id at once: the same id for the same `amphoraId`. Throws NoValidHost, ComputeFailed. */
  boot(spec: AmphoraSpec): Promise<string>;
  /** The compute id of an amphora that was booted here, even if boot's answer was lost; null when there is none. */
  find(amphoraId: string): Promise<string | null>;
  state(computeId: string): Promise<ComputeState>;
  /** Plugs a port into a running amphora. Throws ComputeNotFound. */
  attachPort(computeId: string, port: PortDetails): Promise<void>;
  /** Brings what guards the port (its allowed addresses) in line with `port`; a no-op where the network does this itself. */
  refreshPort(computeId: string, port: PortDetails): Promise<void>;
  detachPort(computeId: string, portId: string): Promise<void>;
  /** Ends the amphora and frees all that it held here. Returns when nothing of it is left. */
  delete(computeId: string): Promise<void>;
  /** The compute ids of all amphorae that exist here, known to a row or not. */
  list(): Promise<readonly string[]>;
}
