import {
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { ApplicationFailure, TypedSearchAttributes } from '@temporalio/common';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../config/log.ts';
import { retriesOf, type RetrySource } from '../config/retries.ts';
import { defaultSettings, type Settings } from '../config/settings.ts';
import type { Db } from '../db/database.ts';
import { claimOperation } from '../db/operation.ts';
import type { OperationRow } from '../db/schema.ts';
import { workflowIdOf, type OperationInput } from '../model/operation.ts';
import { defaultRetries } from '../model/retries.ts';
import { LoadBalancerId, Operation, ProjectId, RequestId, ResourceId } from '../workflows/search-attributes.ts';
import type { Tracing } from '../tracing/contract.ts';
import { openTemporalClient } from './client.ts';
import type { OperationStarter, VipOutcome } from './starter.ts';
import { detailsOf, summaryOf } from './summary.ts';

const startDeadlineMs = 1_000;
/** How long a busy cloud may take for a VIP while Temporal is there, ms. */
const defaultVipLimitMs = 30_000;
/** As often as this while the VIP is awaited, Temporal is asked whether it is there at all, and given as long to answer. */
const silenceMs = 900;

export type StartSettings = Pick<Settings, 'taskQueue' | 'networkDriver'> & Partial<RetrySource>;

/** How the steps are tried, where the settings say anything but the defaults. */
function changedRetries(settings: StartSettings): Pick<OperationInput, 'retries'> {
  const retries = retriesOf({ ...defaultSettings, ...settings });
  return isDeepStrictEqual(retries, defaultRetries) ? {} : { retries };
}

/** Which drivers keep networks and ports in our own database. */
const quickNetworks: Readonly<Record<Settings['networkDriver'], boolean>> = { linux: true, noop: true };

/** Everything that a workflow of an operation is started with, so that it is found and understood in the Temporal UI. */
export function startOptions(
  operation: OperationRow,
  settings: StartSettings,
): WorkflowStartOptions & { args: [OperationInput] } {
  const { taskQueue, networkDriver } = settings;
  const input: OperationInput = {
    operationId: operation.id,
    loadBalancerId: operation.load_balancer_id,
    resourceId: operation.resource_id,
    sequence: operation.sequence,
    quickNetwork: quickNetworks[networkDriver],
    arguments: operation.arguments,
    ...changedRetries(settings),
  };
  return {
    args: [input],
    taskQueue,
    workflowId: workflowIdOf({ loadBalancerId: operation.load_balancer_id, sequence: operation.sequence }),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    staticSummary: summaryOf(operation),
    staticDetails: detailsOf(operation),
    typedSearchAttributes: new TypedSearchAttributes([
      { key: LoadBalancerId, value: operation.load_balancer_id },
      { key: ProjectId, value: operation.project_id },
      { key: ResourceId, value: operation.resource_id },
      { key: Operation, value: operation.kind },
      { key: RequestId, value: operation.request_id ?? '' },
    ]),
  };
}

/** Starts workflows through a Temporal client, and notes in the outbox that they were started. */
export class TemporalStarter implements OperationStarter {
  readonly #client: Client;
  readonly #db: Db;
  readonly #settings: StartSettings;
  readonly #log: Logger;
  readonly #vipLimitMs: number;

  constructor(client: Client, db: Db, settings: StartSettings, log: Logger, vipLimitMs = defaultVipLimitMs) {
    this.#client = client;
    this.#db = db;
    this.#settings = settings;
    this.#log = log;
    this.#vipLimitMs = vipLimitMs;
  }

  async start(operation: OperationRow): Promise<boolean> {
    try {
      const begun = await this.#client.withDeadline(Date.now() + startDeadlineMs, () => this.#startOnce(operation));
      this.#note(operation);
      return begun;
    } catch (error) {
      this.#log.warn({ err: error, operation: operation.id }, 'workflow not started; the relay will');
      return false;
    }
  }

  async #startOnce(operation: OperationRow): Promise<boolean> {
    try {
      await this.#client.workflow.start(operation.kind, startOptions(operation, this.#settings));
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /** The relay would start it once more, to no effect; so nobody waits for this. */
  #note(operation: OperationRow): void {
    claimOperation(this.#db, operation.id).catch((error: unknown) => {
      this.#log.warn({ err: error, operation: operation.id }, 'start of a workflow not noted');
    });
  }

  async startAndAwaitVip(operation: OperationRow): Promise<VipOutcome> {
    const startWorkflowOperation = new WithStartWorkflowOperation(operation.kind, {
      ...startOptions(operation, this.#settings),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    const given = new AbortController();
    const watch = setInterval(() => void this.#giveUpIfSilent(given), silenceMs);
    try {
      await this.#client.withDeadline(Date.now() + this.#vipLimitMs, () =>
        this.#client.withAbortSignal(given.signal, () =>
          this.#client.workflow.executeUpdateWithStart('vipAllocated', { startWorkflowOperation }),
        ),
      );
      return { outcome: 'allocated' };
    } catch (error) {
      const failure = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
      if (failure instanceof ApplicationFailure)
        return { outcome: 'failed', type: failure.type ?? 'Internal', message: failure.message };
      this.#log.warn({ err: error, operation: operation.id }, 'VIP of a new load balancer not known in time');
      return { outcome: 'unknown' };
    } finally {
      clearInterval(watch);
    }
  }

  async #giveUpIfSilent(given: AbortController): Promise<void> {
    try {
      await this.#client.withDeadline(Date.now() + silenceMs, () => this.#client.workflowService.getSystemInfo({}));
    } catch {
      given.abort();
    }
  }
}

/** A starter with a client of its own. */
export function openStarter(
  settings: Settings,
  db: Db,
  log: Logger,
  tracing?: Tracing,
): OperationStarter & { close(): Promise<void> } {
  const client = openTemporalClient(settings, tracing);
  const starter = new TemporalStarter(client, db, settings, log);
  return Object.assign(starter, { close: () => client.connection.close() });
}
