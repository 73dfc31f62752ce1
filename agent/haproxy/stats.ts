import { queryHaproxy } from './stats-socket.ts';

/** One row of `show stat`: column name → text. */
export type StatsRow = Readonly<Record<string, string>>;

export interface PoolStatus {
  readonly status: string;
  readonly members: Readonly<Record<string, string>>;
}

/** All rows but those of the Prometheus exporter, whose traffic is not the tenant's (Octavia: haproxy_query.py). */
export async function showStat(socketPath: string): Promise<readonly StatsRow[]> {
  return parseStats(await queryHaproxy(socketPath, 'show stat -1 -1 -1'));
}

/** Parses HAProxy's CSV: the first line is `# ` and the column names (HAProxy's management guide, 9.1). */
export function parseStats(csv: string): readonly StatsRow[] {
  const [header = '', ...lines] = csv.split('\n');
  const columns = splitCsv(header.replace(/^# /, ''));
  const rows = lines.filter((line) => line !== '').map((line) => toRow(columns, splitCsv(line)));
  return rows.filter((row) => row['pxname']?.includes('prometheus') === false);
}

/** Status of each pool and its members, keyed by `<pool>:<listener>`. A server that is UP with weight 0 is draining. */
export function poolStatuses(rows: readonly StatsRow[]): Readonly<Record<string, PoolStatus>> {
  const pools: Record<string, { status: string; members: Record<string, string> }> = {};
  for (const row of rows) {
    const name = row['pxname'] ?? '';
    const type = row['type'];
    const status = row['status'] ?? '';
    if (type !== '1' && type !== '2') continue;
    const pool = (pools[name] ??= { status: '', members: {} });
    if (type === '1') pool.status = status;
    else pool.members[row['svname'] ?? ''] = status === 'UP' && row['weight'] === '0' ? 'DRAIN' : status;
  }
  return pools;
}

function toRow(columns: readonly string[], values: readonly string[]): StatsRow {
  return Object.fromEntries(columns.map((column, index) => [column, values[index] ?? '']));
}

function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.split(',');
  const fields = line.match(/("(?:[^"]|"")*"|[^",]*)(,|$)/g) ?? [];
  return fields.map((field) => {
    const value = field.endsWith(',') ? field.slice(0, -1) : field;
    return value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value;
  });
}
