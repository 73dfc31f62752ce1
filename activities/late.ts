/**
 * Looking again after an effect. A worker that froze in the call of a driver may come back after its flow was unwound, or after
 * the load balancer was deleted: what it makes then is nobody's, and nobody would take it away.
 */
import { isTakenDown } from '../db/lifecycle/fence.ts';
import type { StepFailureType } from '../model/failures.ts';
import type { ControlDependencies } from './dependencies.ts';
import { gone } from './failure.ts';

/** Takes away the VIP port and the security group of a load balancer that is taken down, and throws `why`. Else does nothing. */
export async function refuseVipOfNobody(
  { db, network }: Pick<ControlDependencies, 'db' | 'network'>,
  loadBalancerId: string,
  why: StepFailureType = 'LoadBalancerGone',
): Promise<void> {
  if (!(await isTakenDown(db, loadBalancerId))) return;
  await network.releaseVip(loadBalancerId, null);
  throw gone(why, `load balancer ${loadBalancerId} is gone`);
}
