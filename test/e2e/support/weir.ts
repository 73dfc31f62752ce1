/** The run's `weir up`, as the end-to-end tests use it: through its public API, and with a look behind it. */
import { Api } from '../../../cli/quickstart/api.ts';
import { ensureDefaultNetwork, type DefaultNetwork } from '../../../cli/up/default-network.ts';
import { createLogger } from '../../../config/log.ts';
import type { Settings } from '../../../config/settings.ts';
import type { Topology } from '../../../model/status.ts';
import { askForServer } from '../../support/servers.ts';
import type { TestWeir } from '../../support/weir-server.ts';
import { openDependencies } from '../../../worker/dependencies.ts';

type Dependencies = Awaited<ReturnType<typeof openDependencies>>;

export interface Weir extends Pick<Dependencies, 'db' | 'amphora' | 'network'> {
  readonly settings: Settings;
  /** Where VIPs and members are. */
  readonly tenant: DefaultNetwork;
  /** The API that makes load balancers of this topology; it serves those of the other too. */
  api(topology: Topology): Api;
  close(): Promise<void>;
}

/** For the hook that calls `openWeir`, ms: the first one may build, and all make a load balancer. */
export const startLimitMs = 240_000;

export async function openWeir(): Promise<Weir> {
  const { settings, apiUrls } = await askForServer<TestWeir['description']>('weir');
  const { db, amphora, network } = await openDependencies(settings, 'weir e2e', createLogger('test', 'silent'));
  return {
    settings,
    db,
    amphora,
    network,
    tenant: await ensureDefaultNetwork(settings),
    api: (topology) => new Api(apiUrls[topology]),
    close: () => db.destroy(),
  };
}
