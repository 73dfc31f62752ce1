import type { Logger } from './log.ts';
import type { AgentConfig } from './config/agent-config.ts';
import type { ConfigStore } from './config/store.ts';
import type { HaproxyStore } from './haproxy/store.ts';
import type { VrrpService } from './keepalived/vrrp.ts';
import { amphoraPaths, type AmphoraPaths } from './paths.ts';
import type { Mutex } from './process/mutex.ts';

/** What the routes share. */
export interface AgentContext {
  readonly config: ConfigStore;
  readonly haproxy: HaproxyStore;
  readonly vrrp: VrrpService;
  /** One change at a time for each load balancer, for keepalived and for the interfaces. */
  readonly mutex: Mutex;
  readonly log: Logger;
  /** Puts the certificate and the authorities of the disk to use for new connections. */
  readonly reloadTls: () => Promise<void>;
}

export function pathsOf(context: AgentContext): AmphoraPaths {
  return amphoraPaths(context.config.current);
}

export function configOf(context: AgentContext): AgentConfig {
  return context.config.current;
}
