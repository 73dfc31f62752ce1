import { isCancellation } from '@temporalio/workflow';
import type { MemberNetworkChange } from '../../activities/member-networks.ts';
import type { OperationInput } from '../../model/operation.ts';
import { detach } from '../clean-up/detach.ts';
import { reasonOf } from '../failure.ts';
import { all, type Call, type Steps } from '../saga.ts';

export type Subject = Pick<OperationInput, 'loadBalancerId' | 'sequence'>;

export const compare = 'compare member networks';

/**
 * Brings the networks of every amphora in line with the subnets of the members: ports are made, attached and configured, or
 * taken away (Octavia: network_tasks.py CalculateDelta, HandleNetworkDeltas; amphora_driver_tasks.py AmphoraePostNetworkPlug).
 */
export async function plugMemberNetworks(step: Steps, input: Subject): Promise<void> {
  await carryOut(step, input, await step.database(compare, (a) => a.planMemberNetworks(input.loadBalancerId)));
}

/** Plugs a replacement. Its peer has its networks; it may not even answer. */
export async function plugReplacement(step: Steps, input: Subject, amphoraId: string): Promise<void> {
  const plan = await step.database(compare, (a) => a.planMemberNetworks(input.loadBalancerId, amphoraId));
  await carryOut(step, input, plan);
}

/** Makes the changes of a plan, side by side. */
export async function carryOut(
  step: Steps,
  { sequence }: Subject,
  plan: readonly MemberNetworkChange[],
): Promise<void> {
  await all(plan, (change) => {
    if (change.subnetIds.length === 0) return unplug(step, change, sequence);
    return change.needed === false ? plugIfPossible(step, change, sequence) : plug(step, change, sequence);
  });
}

async function unplug(
  step: Steps,
  { amphoraId, networkId, taskQueue }: MemberNetworkChange,
  sequence: number,
): Promise<void> {
  await step.on(taskQueue).compute('detach member port', (a) => a.detachMemberPort(amphoraId, networkId, sequence));
  await step.network('delete member port', (a) => a.deleteMemberPort(amphoraId, networkId, sequence));
}

async function plug(step: Steps, change: MemberNetworkChange, sequence: number): Promise<void> {
  const { amphoraId, networkId, subnetIds, taskQueue, plugged } = change;
  const create = 'create member port';
  if (plugged) await step.network(create, (a) => a.createMemberPort(amphoraId, networkId, subnetIds));
  else
    await step.network(
      create,
      (a) => a.createMemberPort(amphoraId, networkId, subnetIds),
      (a) => a.deleteMemberPort(amphoraId, networkId, sequence),
    );
  const attach = 'attach member port';
  if (plugged) await step.on(taskQueue).compute(attach, (a) => a.attachMemberPort(amphoraId, networkId));
  else
    await step.on(taskQueue).compute(
      attach,
      (a) => a.attachMemberPort(amphoraId, networkId),
      (a) => a.detachMemberPort(amphoraId, networkId, sequence),
    );
  await step.amphora('configure member interface', (a) => a.plugMemberNetwork(amphoraId, networkId));
}

/** For members in ERROR: what cannot be had for them is taken away by a clean-up flow, and they stay in ERROR. */
async function plugIfPossible(step: Steps, change: MemberNetworkChange, sequence: number): Promise<void> {
  try {
    await plug(step, change, sequence);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { amphoraId, networkId, taskQueue } = change;
    const args = [amphoraId, networkId, sequence];
    const calls: readonly Call[] = [
      { name: 'detach member port', activity: 'detachMemberPort', args, taskQueue },
      { name: 'delete member port', activity: 'deleteMemberPort', args },
    ];
    await detach(calls, `members in ERROR get no leg in network ${networkId}: ${reasonOf(error)}`, error);
  }
}
