/** The many spellings of one path (Octavia: api/v2/controllers/__init__.py; pecan takes `.json` and a trailing slash). */

const prefix = /^\/load-balancer(?=\/|$)/;
const version = /^\/v2(?:\.0)?(?=\/|$)/;

/**
 * The path under which a route is registered: without the prefix that deployments mount the API at, `/v2.0` as `/v2`,
 * `/v2/<collection>` as `/v2/lbaas/<collection>`.
 */
export function canonicalPath(url: string): string {
  const end = url.indexOf('?');
  const query = end === -1 ? '' : url.slice(end);
  const path = (end === -1 ? url : url.slice(0, end))
    .replace(prefix, '')
    .replace(/\.json\/?$/, '')
    .replace(/\/+$/, '');
  return `${resource(path)}${query}`;
}

function resource(path: string): string {
  if (path === '' || path === '/openapi') return path === '' ? '/' : '/openapi.json';
  if (!version.test(path)) return path;
  const rest = path.replace(version, '');
  if (rest === '') return '/v2';
  return /^\/(lbaas|octavia)(\/|$)/.test(rest) ? `/v2${rest}` : `/v2/lbaas${rest}`;
}
