/** The OpenAPI 3.1 document, made from the same routes and types that serve. */
import type { Route } from './route.ts';
import type { JsonSchema } from '../wire/type.ts';

const faultSchema: JsonSchema = {
  type: 'object',
  properties: {
    faultcode: { enum: ['Client', 'Server'] },
    faultstring: { type: 'string' },
    debuginfo: { type: 'null' },
  },
  required: ['faultcode', 'faultstring', 'debuginfo'],
};

const error = { description: 'Refused', content: { 'application/json': { schema: faultSchema } } };

const template = (path: string): string => path.replaceAll(/:(\w+)/g, '{$1}');

function parametersOf(path: string): unknown[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function operation(route: Route): unknown {
  const { method, action, summary, body, success, path } = route;
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^\w]+/g, '_').replace(/_$/, '')}`,
    summary,
    tags: [action.split(':', 1)[0]],
    parameters: parametersOf(path),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body.type.schema } } } }),
    responses: { [success]: { description: 'Done' }, default: error },
  };
}

export function openApiDocument(routes: readonly Route[]): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = (paths[template(route.path)] ??= {});
    path[route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version: '2.30',
      description:
        'Load balancing as a service: the OpenStack Octavia v2 API. Every path also answers below /load-balancer.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
  };
}
