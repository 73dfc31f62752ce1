import type { OperationInput } from '../../model/operation.ts';
import { all, type Steps } from '../saga.ts';

/**
 * Brings the networks of every amphora in line with the subnets of the members: ports are made, attached and configured, or
 * taken away (Octavia: network_tasks.py CalculateDelta, HandleNetworkDeltas; amphora_driver_tasks.py AmphoraePostNetworkPlug).
 */
export async function plugMemberNetworks(
  step: Steps,
  { loadBalancerId, sequence }: Pick<OperationInput, 'loadBalancerId' | 'sequence'>,
): Promise<void> {
  const changes = await step.database('compare member networks', (a) => a.planMemberNetworks(loadBalancerId));
  await all(changes, async ({ amphoraId, networkId, subnetIds, taskQueue, plugged }) => {
    if (subnetIds.length === 0) {
      await step.on(taskQueue).compute('detach member port', (a) => a.detachMemberPort(amphoraId, networkId, sequence));
      await step.network('delete member port', (a) => a.deleteMemberPort(amphoraId, networkId, sequence));
      return;
    }
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
  });
}
