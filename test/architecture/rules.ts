/** Which room may import which, as docs/decisions/0001-rooms.md has it. */
import type { Import } from './source.ts';
import { roomOf } from './source.ts';

interface RoomRules {
  /** Rooms besides itself that a room may import. */
  readonly rooms: readonly string[];
  /** Rooms of which it may import types alone. */
  readonly types?: readonly string[];
  /** Packages and built-in modules that it may import, by their beginning; any when absent. */
  readonly packages?: readonly string[];
  /** Packages that it may not, by their beginning. */
  readonly notPackages?: readonly string[];
}

const temporal = '@temporalio/';

export const rules: Readonly<Record<string, RoomRules>> = {
  model: { rooms: [], packages: [] },
  dataplane: { rooms: ['model'], packages: ['ipaddr.js', 'node:net', 'node:crypto'] },
  migrations: { rooms: [], packages: ['kysely'] },
  config: { rooms: ['model'], notPackages: [temporal] },
  db: { rooms: ['model', 'migrations'], notPackages: [temporal] },
  drivers: { rooms: ['model', 'dataplane', 'db', 'config'], notPackages: [temporal] },
  activities: { rooms: ['model', 'dataplane', 'drivers', 'db', 'config'] },
  workflows: { rooms: ['model'], types: ['activities'], packages: [`${temporal}workflow`, `${temporal}common`] },
  metrics: { rooms: [], notPackages: [temporal] },
  tracing: { rooms: ['config'], notPackages: [temporal] },
  temporal: { rooms: ['model', 'db', 'config', 'workflows', 'tracing'] },
  worker: {
    rooms: [
      'model',
      'dataplane',
      'drivers',
      'db',
      'config',
      'activities',
      'workflows',
      'temporal',
      'metrics',
      'tracing',
    ],
  },
  api: { rooms: ['model', 'db', 'config', 'temporal', 'drivers', 'metrics', 'tracing'], notPackages: [temporal] },
  health: { rooms: ['model', 'db', 'config', 'temporal', 'metrics', 'tracing'], notPackages: [temporal] },
  agent: { rooms: ['model', 'config'], notPackages: [temporal, 'kysely', 'pg'] },
  bench: { rooms: ['cli', 'config', 'db', 'drivers', 'model', 'temporal'] },
};

const isOurs = (path: string): boolean => path.endsWith('.ts') || path.endsWith('.json');

/** What is wrong with an import, or null. Rooms without rules (cli, test) may import what they like. */
export function violation(found: Import): string | null {
  const from = roomOf(found.from);
  const room = rules[from];
  if (room === undefined) return null;
  const text = `${found.from} imports ${found.to}`;
  if (!isOurs(found.to)) {
    const allowed = room.packages?.some((name) => found.to.startsWith(name)) ?? true;
    const refused = room.notPackages?.some((name) => found.to.startsWith(name)) ?? false;
    return allowed && !refused ? null : text;
  }
  const to = roomOf(found.to);
  if (to === from || to === '' || room.rooms.includes(to)) return null;
  return found.typeOnly && room.types?.includes(to) === true ? null : text;
}

/** What the API may load of a driver: its contract, and the function that opens its reading part. */
export function isDriverInternal({ from, to }: Import): boolean {
  if (roomOf(from) !== 'api' || roomOf(to) !== 'drivers') return false;
  return !/^drivers\/(?:errors|[a-z]+\/(?:contract|open\w*|[a-z-]+\/open\w*))\.ts$/.test(to);
}
