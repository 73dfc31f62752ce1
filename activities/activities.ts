import { createAmphoraPortActivities } from './amphora-ports.ts';
import { createAmphoraActivities } from './amphora.ts';
import { createComputeActivities } from './compute.ts';
import type { ComputeDependencies, ControlDependencies } from './dependencies.ts';
import { createFailoverOrderActivities } from './failover-order.ts';
import { createListenerActivities } from './listeners.ts';
import { createMachineRepairActivities } from './machines.ts';
import { createMemberNetworkActivities } from './member-networks.ts';
import { createOperationActivities } from './operation.ts';
import { createVipActivities } from './vip.ts';
import { createVrrpActivities } from './vrrp.ts';

/** The steps that the control plane's worker runs. */
export function createControlActivities(deps: ControlDependencies) {
  return {
    ...createOperationActivities(deps),
    ...createVipActivities(deps),
    ...createAmphoraActivities(deps),
    ...createAmphoraPortActivities(deps),
    ...createListenerActivities(deps),
    ...createFailoverOrderActivities(deps),
    ...createVrrpActivities(deps),
    ...createMemberNetworkActivities(deps),
  };
}

/** The steps that run where the amphorae are. */
export function createMachineActivities(deps: ComputeDependencies) {
  return { ...createComputeActivities(deps), ...createMachineRepairActivities(deps) };
}

/** Every step by its name, as workflows call it. */
export type Activities = ReturnType<typeof createControlActivities> & ReturnType<typeof createMachineActivities>;
