import type { Settings } from '../../config/settings.ts';
import type { CertificateAuthority } from '../certificates/contract.ts';
import { AgentClient } from './agent-client.ts';
import { AgentConnections, upstreamConnectionOptions } from './connections.ts';
import type { AmphoraDriver } from './contract.ts';
import { InfoCache } from './info-cache.ts';
import { NoopAmphoraDriver } from './noop.ts';
import { RestAmphoraDriver } from './rest.ts';

const infoTtl = 60_000;

/** The amphora driver that the settings ask for. It connects when it is first used and lets idle connections go by itself. */
export function openAmphoraDriver(
  settings: Pick<Settings, 'amphoraDriver' | 'restRequestConnTimeoutSec' | 'restRequestReadTimeoutSec'>,
  certificates: CertificateAuthority,
): AmphoraDriver {
  if (settings.amphoraDriver === 'noop') return new NoopAmphoraDriver();
  const connections = new AgentConnections(certificates, {
    ...upstreamConnectionOptions,
    connectTimeout: settings.restRequestConnTimeoutSec * 1000,
    readTimeout: settings.restRequestReadTimeoutSec * 1000,
  });
  return new RestAmphoraDriver(new AgentClient(connections), new InfoCache(infoTtl));
}
