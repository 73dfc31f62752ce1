import { Histogram, type Registry } from 'prom-client';
import type { RequestObserver } from './observer.ts';

/** From a cached list to a creation that waits for its VIP, in seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Paths that no route has: each of them a label would be a way to fill our memory. */
const unknownRoute = 'none';

/** Measures each request, by route, method and status. */
export function measureRequests(registry: Registry): RequestObserver {
  const duration = new Histogram({
    name: 'weir_http_request_duration_seconds',
    help: 'From the arrival of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets,
    registers: [registry],
  });
  return (app) => {
    app.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? unknownRoute;
      duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
      done();
    });
  };
}
