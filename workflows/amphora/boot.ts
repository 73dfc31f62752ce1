import type { AmphoraRole } from '../../model/status.ts';
import type { Steps } from '../saga.ts';

export interface NewAmphora {
  readonly amphoraId: string;
  readonly loadBalancerId: string;
  readonly role: AmphoraRole;
  /** Of the operation that it is built for. */
  readonly sequence: number;
  /** Who boots first when not all may: a `buildPriority`. */
  readonly priority: number;
}

/**
 * Boots one amphora up to the point where its agent answers and its VIP interface is configured (Octavia: flows/amphora_flows.py
 * get_amphora_for_lb_subflow, flows/load_balancer_flows.py _get_amp_net_subflow). The VRRP port is made first and plugged from the start.
 */
export async function bootAmphora(step: Steps, amphora: NewAmphora): Promise<void> {
  const { amphoraId, loadBalancerId, role, sequence, priority } = amphora;
  const title = role.toLowerCase();
  const { taskQueue } = await step.database(
    `register ${title} amphora`,
    (a) => a.registerAmphora(amphoraId, loadBalancerId, role, sequence),
    (a) => a.forgetAmphora(amphoraId),
  );
  await step.network(
    `create VRRP port of ${title}`,
    (a) => a.createVrrpPort(amphoraId),
    (a) => a.deleteAmphoraPorts(amphoraId),
  );
  await step.on(taskQueue).boot(
    `boot ${title}`,
    (a) => a.bootAmphora(amphoraId, priority),
    (a) => a.deleteCompute(amphoraId),
  );
  await step.agentWait(`wait for agent of ${title}`, (a) => a.awaitAgent(amphoraId));
  await step.amphora(`plug VIP into ${title}`, (a) => a.plugVip(amphoraId));
}
