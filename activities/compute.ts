import { cancelled, Context, sleep } from '@temporalio/activity';
import { renderAgentConfig } from '../dataplane/agent-config.ts';
import { heartbeatControllers } from '../config/heartbeat.ts';
import { bootLimitMs } from '../config/retries.ts';
import { heartbeatKeyOf } from '../config/heartbeat-key.ts';
import { findAmphora, markAmphoraBooting, sealedCertificate, updateAmphora } from '../db/lifecycle/amphora.ts';
import { findMemberPort, markMemberPortPlugged } from '../db/lifecycle/member-port.ts';
import type { AmphoraSpec, ComputeState } from '../drivers/compute/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import { buildPriority } from '../model/build-priority.ts';
import type { PortDetails } from '../model/network.ts';
import { whenTurnComes } from './build-queue.ts';
import type { ComputeDependencies } from './dependencies.ts';
import { gone } from './failure.ts';
import { requireAmphora } from './lookup.ts';
import { isNeeded } from './member-network-plan.ts';

const pollIntervalMs = 100;

/** The machine of an amphora. These run on the task queue of the host that has it, or in the control plane where a cloud has it. */
export function createComputeActivities(deps: ComputeDependencies) {
  const { db, network, compute } = deps;

  async function memberPort(amphoraId: string, networkId: string): Promise<PortDetails> {
    const portId = await findMemberPort(db, amphoraId, networkId);
    const details = portId === null ? null : await network.portDetails(portId);
    if (details === null) throw gone('PortGone', `amphora ${amphoraId} has no port on network ${networkId}`);
    return details;
  }

  /** Looks again after the effect (late.ts): nobody looks for the machine of an amphora that is gone. One that serves keeps it. */
  async function deleteMachineOfNobody(amphoraId: string, computeId: string): Promise<void> {
    const status = (await findAmphora(db, amphoraId))?.status ?? 'DELETED';
    if (status === 'DELETED' || status === 'PENDING_DELETE') await compute.delete(computeId);
  }

  async function boot(amphoraId: string): Promise<void> {
    const computeId = await compute.boot(await specOf(deps, amphoraId));
    if (!(await markAmphoraBooting(db, amphoraId, computeId))) {
      await deleteMachineOfNobody(amphoraId, computeId);
      throw gone('AmphoraGone', `amphora ${amphoraId} was given up or boots no more`);
    }
    const state = await untilRunning(deps, computeId);
    await updateAmphora(db, amphoraId, {
      lb_network_ip: state.managementAddress,
      image_id: state.imageId,
      compute_flavor: state.computeFlavor,
      cached_zone: state.cachedZone,
    });
  }

  return {
    /**
     * Boots the machine of an amphora when its turn comes, and waits until it runs and has its address (Octavia: ComputeCreate,
     * ComputeWait, UpdateAmphoraInfo). Flows of an earlier build name no priority.
     */
    bootAmphora(amphoraId: string, priority: number = buildPriority.create): Promise<void> {
      return whenTurnComes(deps, amphoraId, priority, () => boot(amphoraId));
    },
    /** Ends the machine. Its id may never have been noted down, so it is looked for by the amphora's id. */
    async deleteCompute(amphoraId: string): Promise<void> {
      const amphora = await findAmphora(db, amphoraId);
      const computeId = amphora?.computeId ?? (await compute.find(amphoraId));
      if (computeId !== null) await compute.delete(computeId);
    },
    async attachMemberPort(amphoraId: string, networkId: string): Promise<void> {
      const { amphora } = await requireAmphora(db, amphoraId);
      if (amphora.computeId === null) throw gone('ComputeGone', `amphora ${amphoraId} has no machine`);
      const port = await memberPort(amphoraId, networkId);
      await compute.attachPort(amphora.computeId, port);
      await compute.refreshPort(amphora.computeId, port);
    },
    /** Leaves a port alone that members of an operation newer than `sequence` need. */
    async detachMemberPort(amphoraId: string, networkId: string, sequence: number): Promise<void> {
      if (await isNeeded(db, network, { amphoraId, networkId, sequence })) return;
      const amphora = await findAmphora(db, amphoraId);
      const portId = await findMemberPort(db, amphoraId, networkId);
      if (amphora?.computeId == null || portId === null) return;
      // Before it is so: whoever comes next plugs it again rather than trust it.
      await markMemberPortPlugged(db, portId, []);
      await compute.detachPort(amphora.computeId, portId);
    },
  };
}

async function specOf(
  { db, network, certificates, sealer, settings }: ComputeDependencies,
  amphoraId: string,
): Promise<AmphoraSpec> {
  const { amphora, graph } = await requireAmphora(db, amphoraId);
  const sealed = await sealedCertificate(db, amphoraId);
  const port = amphora.vrrpPortId === null ? null : await network.portDetails(amphora.vrrpPortId);
  if (sealed === null || port === null || amphora.role === null)
    throw gone('AmphoraGone', `amphora ${amphoraId} has no certificate, VRRP port or role`);
  return {
    amphoraId,
    loadBalancerId: graph.id,
    role: amphora.role,
    topology: graph.topology,
    serverPem: sealer.unseal(sealed),
    clientCaPem: await certificates.trustBundle(),
    agentConfig: renderAgentConfig({
      amphoraId,
      topology: graph.topology,
      controllers: heartbeatControllers(settings),
      heartbeatIntervalSec: settings.heartbeatIntervalSec,
      heartbeatKey: await heartbeatKeyOf(settings),
    }),
    ports: [port],
  };
}

async function untilRunning({ compute, settings }: ComputeDependencies, computeId: string): Promise<ComputeState> {
  const limitMs = bootLimitMs(settings);
  const deadline = performance.now() + limitMs;
  for (;;) {
    Context.current().heartbeat();
    const state = await Promise.race([compute.state(computeId), cancelled()]);
    if (state.status === 'running' && state.managementAddress !== null) return state;
    if (state.status === 'failed' || state.status === 'gone')
      throw new DriverError(
        'ComputeFailed',
        `compute ${computeId} is ${state.status}: ${state.fault ?? 'no reason given'}`,
      );
    if (performance.now() >= deadline)
      throw new DriverError('ComputeFailed', `compute ${computeId} did not run within ${limitMs / 1000} s`);
    await sleep(pollIntervalMs);
  }
}
