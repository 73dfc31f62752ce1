import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policy } from '../../api/policy.ts';
import { routes } from '../../api/routes.ts';
import { startApi, type TestApi } from './support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

describe('the authorisation table', () => {
  test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('has %s', (_name, route) => {
    expect(policy).toHaveProperty([route.action]);
  });

  test('has no operation that no route offers', () => {
    const withinRoutes = ['operation:get_infrastructure'];
    const offered = new Set<string>([...routes.map((route) => route.action), ...withinRoutes]);
    expect(Object.keys(policy).filter((action) => !offered.has(action))).toEqual([]);
  });

  test('stands for what is served: every path and method of the server is a route', async () => {
    await api.server.ready();
    const served = api.server.printRoutes({ commonPrefix: false, includeMeta: false });
    expect(served).toContain('loadbalancers');
    for (const { method, path } of routes) expect(api.server.hasRoute({ method, url: path })).toBe(true);
  });
});

describe('the OpenAPI document', () => {
  test('describes every route, with the bodies that it takes', async () => {
    const document = (await api.request('GET', '/openapi.json')).body as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string; requestBody?: unknown }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    for (const { method, path, body } of routes.filter((route) => route.path !== '/openapi.json')) {
      const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      expect(operation).toBeDefined();
      expect(operation?.requestBody === undefined).toBe(body === undefined);
    }
  });

  test('gives every operation a name of its own', async () => {
    const { paths } = (await api.request('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const names = Object.values(paths).flatMap((path) => Object.values(path).map((one) => one.operationId));
    expect(new Set(names).size).toBe(names.length);
  });
});
