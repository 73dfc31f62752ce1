/** The providers that a load balancer may name (Octavia: api/v2/controllers/provider.py). */
import type { Settings } from '../../config/settings.ts';
import { listenerProtocols, type ListenerProtocol } from '../../model/graph.ts';
import { route } from '../http/route.ts';
import { pick } from '../http/list.ts';
import { values } from '../http/list-query.ts';

export const defaultProvider = 'amphora';

const enabled = [
  { name: 'amphora', description: 'The Octavia Amphora driver.' },
  { name: 'octavia', description: 'Deprecated alias of the Octavia Amphora driver.' },
] as const;

export function isEnabled(provider: string): boolean {
  return enabled.some(({ name }) => name === provider);
}

/** What the amphorae of this deployment can serve so far; the no-op driver takes everything. */
export function servedProtocols(settings: Settings): readonly ListenerProtocol[] {
  return settings.amphoraDriver === 'noop' ? listenerProtocols : ['HTTP', 'HTTPS', 'TCP'];
}

const listProviders = route({
  method: 'GET',
  path: '/v2/lbaas/providers',
  action: 'provider:get_all',
  summary: 'List the providers',
  success: 200,
  handler: ({ query }) => {
    const fields = values(query, 'fields');
    const providers = enabled.map((provider) => pick(provider, fields.length === 0 ? null : fields));
    return Promise.resolve({ status: 200, body: { providers } });
  },
});

export const providerRoutes = [listProviders] as const;
