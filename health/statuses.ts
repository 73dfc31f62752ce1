/**
 * Operating statuses from one heartbeat (Octavia: amphorae/drivers/health/heartbeat_udp.py). Each heartbeat speaks for the
 * whole load balancer, so of a pair's two reports the later one counts.
 */
import type { StatusChange, StatusTable, StoredPool, StoredStatuses } from '../db/operating-status.ts';
import type { OperatingStatus } from '../model/status.ts';
import type { Heartbeat, ReportedListener, ReportedPool } from './heartbeat.ts';

export interface Verdict {
  readonly changes: readonly StatusChange[];
  /** False when the amphora does not run the listeners that it should: it then counts as not heard of. */
  readonly complete: boolean;
  /** Words in the report that mean nothing to us; what they speak of keeps its status. */
  readonly unknownWords: readonly string[];
}

/** A status, or `unchanged` with the word that was not understood. */
type Reading = OperatingStatus | 'unchanged' | { readonly unknown: string };

function listenerReading(reported: ReportedListener | undefined, expected: boolean): Reading {
  if (reported === undefined) return expected ? 'ERROR' : 'OFFLINE';
  if (reported.status === 'OPEN') return 'ONLINE';
  if (reported.status === 'FULL') return 'DEGRADED';
  return { unknown: `listener ${reported.status}` };
}

function poolReading(reported: ReportedPool | undefined): Reading {
  if (reported === undefined) return 'OFFLINE';
  if (reported.status === 'UP') return 'ONLINE';
  if (reported.status === 'DOWN') return 'ERROR';
  return { unknown: `pool ${reported.status}` };
}

function memberReading(reported: string | undefined, stored: OperatingStatus): Reading {
  if (reported === undefined) return stored === 'NO_MONITOR' ? 'unchanged' : 'OFFLINE';
  // HAProxy adds how far a check has come: `UP 1/3`, `DOWN 2/2`.
  if (reported.startsWith('UP')) return 'ONLINE';
  if (reported.startsWith('DOWN')) return 'ERROR';
  if (reported === 'DRAIN') return 'DRAINING';
  if (reported === 'MAINT') return 'OFFLINE';
  if (reported === 'no check') return 'NO_MONITOR';
  if (reported === 'RESTARTING') return 'unchanged';
  return { unknown: `member ${reported}` };
}

/** Collects what one heartbeat changes. */
class Findings {
  readonly changes: StatusChange[] = [];
  readonly unknownWords: string[] = [];

  note(
    table: StatusTable,
    of: { readonly id: string; readonly operatingStatus: OperatingStatus },
    reading: Reading,
  ): void {
    if (reading === 'unchanged') return;
    if (typeof reading === 'object') this.unknownWords.push(reading.unknown);
    else if (reading !== of.operatingStatus) {
      this.changes.push({ table, id: of.id, from: of.operatingStatus, to: reading });
    }
  }
}

/** A pool that is up with a member down is DEGRADED, and degrades a load balancer that is ONLINE. Members of an absent pool are left alone. */
function judgePool(pool: StoredPool, reported: ReportedPool | undefined, findings: Findings): Reading {
  let reading = poolReading(reported);
  for (const member of reported === undefined ? [] : pool.members) {
    const ofMember = memberReading(reported?.members.get(member.id), member.operatingStatus);
    if (ofMember === 'ERROR' && reading === 'ONLINE') reading = 'DEGRADED';
    findings.note('member', member, ofMember);
  }
  findings.note('pool', pool, reading);
  return reading;
}

const isPending = (stored: StoredStatuses): boolean => stored.provisioningStatus.startsWith('PENDING_');

/** Old agents, which send no version, say nothing of UDP listeners that have no enabled member. */
function isReportedByOldAgents(listener: StoredStatuses['listeners'][number], stored: StoredStatuses): boolean {
  if (listener.protocol !== 'UDP') return true;
  const pool = stored.pools.find((candidate) => candidate.id === listener.defaultPoolId);
  return pool?.members.some((member) => member.adminStateUp) ?? false;
}

function isComplete(stored: StoredStatuses, heartbeat: Heartbeat): boolean {
  if (isPending(stored) || !stored.adminStateUp) return true;
  const expected = stored.listeners
    .filter((listener) => listener.adminStateUp)
    .filter((listener) => heartbeat.version !== null || isReportedByOldAgents(listener, stored));
  return expected.length === heartbeat.listeners.size;
}

/** What a heartbeat changes in the statuses of its load balancer. Pure; only real changes are returned. */
export function judge(stored: StoredStatuses, heartbeat: Heartbeat): Verdict {
  const findings = new Findings();
  let loadBalancer: OperatingStatus = stored.adminStateUp ? 'ONLINE' : 'OFFLINE';
  const degrade = (): void => {
    if (loadBalancer === 'ONLINE') loadBalancer = 'DEGRADED';
  };
  for (const listener of stored.listeners) {
    const expected = listener.adminStateUp && stored.provisioningStatus === 'ACTIVE';
    const reading = listenerReading(heartbeat.listeners.get(listener.id), expected);
    if (reading === 'DEGRADED') degrade();
    findings.note('listener', listener, reading);
  }
  for (const pool of stored.pools) {
    const reading = judgePool(pool, heartbeat.pools.get(pool.id), findings);
    if (reading === 'ERROR') loadBalancer = 'ERROR';
    if (reading === 'DEGRADED') degrade();
  }
  findings.note('load_balancer', stored, loadBalancer);
  return { changes: findings.changes, complete: isComplete(stored, heartbeat), unknownWords: findings.unknownWords };
}

/** The statuses after `changes`: what the next heartbeat of the same batch is compared with. */
export function applyChanges(stored: StoredStatuses, changes: readonly StatusChange[]): StoredStatuses {
  if (changes.length === 0) return stored;
  const next = new Map(changes.map((change) => [`${change.table}/${change.id}`, change.to]));
  const updated = <T extends { readonly id: string; readonly operatingStatus: OperatingStatus }>(
    table: StatusTable,
    row: T,
  ): T => ({ ...row, operatingStatus: next.get(`${table}/${row.id}`) ?? row.operatingStatus });
  return {
    ...updated('load_balancer', stored),
    listeners: stored.listeners.map((listener) => updated('listener', listener)),
    pools: stored.pools.map((pool) => ({
      ...updated('pool', pool),
      members: pool.members.map((member) => updated('member', member)),
    })),
  };
}
