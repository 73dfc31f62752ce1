/** Every route of the API. */
import { discoveryRoutes } from './http/discovery.ts';
import type { Route } from './http/route.ts';
import { amphoraRoutes } from './v2/amphora.ts';
import { healthMonitorRoutes } from './v2/health-monitor/routes.ts';
import { listenerRoutes } from './v2/listener/routes.ts';
import { loadBalancerRoutes } from './v2/load-balancer/routes.ts';
import { replaceMembers } from './v2/member/batch.ts';
import { memberRoutes } from './v2/member/routes.ts';
import { operationRoutes } from './v2/operation.ts';
import { poolRoutes } from './v2/pool/routes.ts';
import { providerRoutes } from './v2/provider.ts';

const resources: readonly Route[] = [
  ...loadBalancerRoutes,
  ...listenerRoutes,
  ...poolRoutes,
  ...memberRoutes,
  replaceMembers,
  ...healthMonitorRoutes,
  ...amphoraRoutes,
  ...providerRoutes,
  ...operationRoutes,
];

export const routes: readonly Route[] = [...discoveryRoutes(resources), ...resources];
