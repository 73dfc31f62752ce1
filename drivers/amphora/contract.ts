/** How a running amphora is told what to do (Octavia: amphorae/drivers/driver_base.py). Every method may be called twice with one effect. */
import type { Amphora, LoadBalancerGraph } from '../../model/graph.ts';
import type { PortDetails, Subnet } from '../../model/network.ts';

export interface AmphoraInfo {
  readonly hostname: string;
  readonly haproxyVersion: string;
  readonly apiVersion: string;
}

/** A VIP with the subnet that it lives in. */
export interface VipSubnet {
  readonly address: string;
  readonly subnet: Subnet;
}

export interface AmphoraDriver {
  /** Answers when the agent does; throws AmphoraUnreachable at once when it does not (the caller waits and tries again). */
  info(amphora: Amphora): Promise<AmphoraInfo>;
  /** Gives the amphora its VIP interface. The VRRP port must be attached. */
  plugVip(amphora: Amphora, graph: LoadBalancerGraph, vips: readonly VipSubnet[], vrrpPort: PortDetails): Promise<void>;
  /** Configures the interface of a member network, or brings its addresses in line. */
  plugNetwork(amphora: Amphora, port: PortDetails): Promise<void>;
  /**
   * Renders the load balancer and makes the amphora run it; returns when the running HAProxy says that it serves
   * `graph.sequence`. Without listeners, stops and removes what runs. Throws ConfigurationRefused, StaleSequence, AmphoraUnreachable.
   */
  applyListeners(amphora: Amphora, graph: LoadBalancerGraph): Promise<void>;
  /** The interface that carries an address, or null. */
  interfaceOf(amphora: Amphora, address: string): Promise<string | null>;
  /** Uploads keepalived.conf for this amphora's role and starts or reloads keepalived. Throws StaleSequence, AmphoraUnreachable. */
  applyVrrp(amphora: Amphora, graph: LoadBalancerGraph, vips: readonly VipSubnet[]): Promise<void>;
  /** Replaces the agent's certificate and key. */
  rotateCertificate(amphora: Amphora, serverPem: string): Promise<void>;
}
