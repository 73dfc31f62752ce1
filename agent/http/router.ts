import { flaskError, type AgentRequest, type AgentResponse } from './message.ts';

export type Handler = (request: AgentRequest) => Promise<AgentResponse>;

/** A route: `:name` in the path takes one segment, as Flask's `<name>`. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly handler: Handler;
}

export interface Match {
  readonly handler: Handler;
  readonly params: Readonly<Record<string, string>>;
}

const notFound =
  'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.';
const notAllowed = 'The method is not allowed for the requested URL.';

/** Finds the first route that fits. Throws Flask's 404 and 405. */
export function findRoute(routes: readonly Route[], method: string, url: string): Match {
  const segments = pathSegments(url);
  const allowed: string[] = [];
  for (const route of routes) {
    const params = matchPath(route.path.split('/'), segments);
    if (params === null) continue;
    if (route.method === method || (route.method === 'GET' && method === 'HEAD'))
      return { handler: route.handler, params };
    allowed.push(route.method);
  }
  if (allowed.length === 0) throw flaskError(404, notFound);
  throw flaskError(405, notAllowed, { allow: [...new Set(allowed)].join(', ') });
}

function pathSegments(url: string): string[] {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '').split('/');
  } catch (error) {
    if (error instanceof URIError) throw flaskError(404, notFound);
    throw error;
  }
}

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':') && segment !== '') params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}
