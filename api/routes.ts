/** Every route of the API. */
import { discoveryRoutes } from './http/discovery.ts';
import type { Route } from './http/route.ts';
import { loadBalancerRoutes } from './v2/load-balancer/routes.ts';
import { providerRoutes } from './v2/provider.ts';

const resources: readonly Route[] = [...loadBalancerRoutes, ...providerRoutes];

export const routes: readonly Route[] = [...discoveryRoutes(resources), ...resources];
