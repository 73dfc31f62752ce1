/** Statuses of Octavia's objects and the sets that its locks test (Octavia: common/constants.py, octavia-lib constants). */

export const provisioningStatuses = [
  'ACTIVE',
  'PENDING_CREATE',
  'PENDING_UPDATE',
  'PENDING_DELETE',
  'DELETED',
  'ERROR',
] as const;
export type ProvisioningStatus = (typeof provisioningStatuses)[number];

export const operatingStatuses = ['ONLINE', 'DRAINING', 'OFFLINE', 'DEGRADED', 'ERROR', 'NO_MONITOR'] as const;
export type OperatingStatus = (typeof operatingStatuses)[number];

export const amphoraStatuses = [
  'PENDING_CREATE',
  'BOOTING',
  'ALLOCATED',
  'READY',
  'PENDING_DELETE',
  'DELETED',
  'ERROR',
  'FAILOVER_STOPPED',
] as const;
export type AmphoraStatus = (typeof amphoraStatuses)[number];

/** Whether an amphora in this status carries traffic and is to be told of changes. One in FAILOVER_STOPPED does: only its heartbeats are missed. */
export const serves = (status: AmphoraStatus): boolean => status === 'ALLOCATED' || status === 'FAILOVER_STOPPED';

export const amphoraRoles = ['MASTER', 'BACKUP', 'STANDALONE'] as const;
export type AmphoraRole = (typeof amphoraRoles)[number];

export const topologies = ['SINGLE', 'ACTIVE_STANDBY'] as const;
export type Topology = (typeof topologies)[number];

/** What a load balancer must be in before its children or its own attributes may change. */
export const mutable: readonly ProvisioningStatus[] = ['ACTIVE'];
/** What a load balancer must be in before it may be deleted. */
export const deletable: readonly ProvisioningStatus[] = ['ACTIVE', 'ERROR'];
/** What only the owner of a running operation leaves. */
export const pending: readonly ProvisioningStatus[] = ['PENDING_CREATE', 'PENDING_UPDATE', 'PENDING_DELETE'];
/** What a load balancer must be in before it may be failed over. */
export const failoverable: readonly ProvisioningStatus[] = ['ACTIVE', 'ERROR'];

/** The VRRP priority that goes with a role; a standalone amphora runs no VRRP (Octavia: ROLE_*_PRIORITY). */
export const vrrpPriority: Readonly<Record<AmphoraRole, number | null>> = { MASTER: 100, BACKUP: 90, STANDALONE: null };

/** The roles of the amphorae that a topology needs, in the order in which they are built. */
export function rolesOf(topology: Topology): readonly AmphoraRole[] {
  return topology === 'ACTIVE_STANDBY' ? ['MASTER', 'BACKUP'] : ['STANDALONE'];
}
