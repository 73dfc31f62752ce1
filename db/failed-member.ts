/** Members in ERROR, of which a failover has to know whether amphorae can reach them. */
import type { Db } from './database.ts';

/** Of the load balancer that an operation fails over, or whose amphora it does; none for operations of other kinds. */
export async function failedMembersOf(db: Db, operationId: string): Promise<readonly FailedMember[]> {
  const rows = await db
    .selectFrom('operation')
    .innerJoin('pool', 'pool.load_balancer_id', 'operation.load_balancer_id')
    .innerJoin('member', 'member.pool_id', 'pool.id')
    .select(['member.id', 'member.subnet_id as subnetId', 'operation.load_balancer_id as loadBalancerId'])
    .where('operation.id', '=', operationId)
    .where('operation.kind', 'in', ['failoverLoadBalancer', 'failoverAmphora'])
    .where('member.provisioning_status', '=', 'ERROR')
    .where('member.subnet_id', 'is not', null)
    .execute();
  return rows.flatMap(({ subnetId, ...row }) => (subnetId === null ? [] : [{ ...row, subnetId }]));
}

export interface FailedMember {
  readonly id: string;
  readonly subnetId: string;
  readonly loadBalancerId: string;
}
