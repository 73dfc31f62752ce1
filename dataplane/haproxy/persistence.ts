/** Session persistence of a backend (Octavia: macros.j2, backend_macro). */
import type { Pool } from '../../model/graph.ts';
import { cookieName } from '../grammar.ts';
import type { Mode, Persistence } from './model.ts';
import { argument, line } from './text.ts';

/** Octavia: [haproxy_amphora] haproxy_stick_size. */
const tableSize = '10k';

/** Cookies exist in HTTP only; elsewhere they are left out. */
export function persistenceOf(pool: Pool, mode: Mode): Persistence | null {
  const { sessionPersistence } = pool;
  if (sessionPersistence === null) return null;
  if (sessionPersistence.type === 'SOURCE_IP') return { kind: 'source', tableSize };
  if (mode !== 'http') return null;
  if (sessionPersistence.type === 'HTTP_COOKIE') return { kind: 'inserted-cookie' };
  const cookie = cookieName(`pool ${pool.id} cookie_name`, sessionPersistence.cookieName ?? '');
  return { kind: 'application-cookie', cookie, tableSize };
}

export function usesStickTable(persistence: Persistence | null): boolean {
  return persistence?.kind === 'source' || persistence?.kind === 'application-cookie';
}

export function renderPersistence(persistence: Persistence, peers: string | null): readonly string[] {
  if (persistence.kind === 'inserted-cookie') return [line('cookie', 'SRV', 'insert', 'indirect', 'nocache')];
  const shared = peers === null ? [] : ['peers', peers];
  if (persistence.kind === 'source')
    return [line('stick-table', 'type', 'ipv6', 'size', persistence.tableSize, ...shared), line('stick', 'on', 'src')];
  const cookie = argument(persistence.cookie);
  return [
    line('stick-table', 'type', 'string', 'len', 64, 'size', persistence.tableSize, ...shared),
    line('stick', 'store-response', `res.cook(${cookie})`),
    line('stick', 'match', `req.cook(${cookie})`),
  ];
}
