import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { Logger } from '../../config/log.ts';
import type { WorkerBuild } from './build.ts';
import type { RolloutMetrics } from './metrics.ts';
import { foreignRuns, moveRun, type ForeignRun } from './runs.ts';

export interface TakeoverDependencies {
  readonly client: Client;
  readonly build: WorkerBuild;
  readonly taskQueue: string;
  readonly log: Logger;
  readonly metrics: RolloutMetrics;
}

/** Takes over runs that no worker carries on, but only those whose history our build replays. */
export class Takeover {
  readonly #deps: TakeoverDependencies;
  /** Run ids that were replayed in vain. Our flows do not change while we run, so once is enough. */
  #unreplayable: ReadonlySet<string> = new Set();

  constructor(deps: TakeoverDependencies) {
    this.#deps = deps;
  }

  /** One look. `atWork` tells which builds have workers; their runs are theirs. */
  async look(atWork: () => Promise<ReadonlySet<string>>): Promise<void> {
    const { client, build, taskQueue, metrics } = this.#deps;
    const runs = await foreignRuns(client, build.version, taskQueue);
    const working = runs.some((run) => run.build !== null) ? await atWork() : new Set<string>();
    const orphans = runs.filter((run) => run.build === null || !working.has(run.build));
    const known = orphans.filter(({ runId }) => this.#unreplayable.has(runId));
    const failed = await this.#takeOver(orphans.filter((run) => !known.includes(run)));
    this.#unreplayable = new Set([...known, ...failed].map(({ runId }) => runId));
    metrics.unreplayable.set(this.#unreplayable.size);
  }

  /** Another build is the current one, and its workers look. */
  rest(): void {
    this.#deps.metrics.unreplayable.set(0);
  }

  /** Returns those that do not replay. */
  async #takeOver(runs: readonly ForeignRun[]): Promise<readonly ForeignRun[]> {
    const failed: ForeignRun[] = [];
    if (runs.length === 0) return failed;
    const { client, build, log, metrics } = this.#deps;
    const byWorkflow = new Map(runs.map((run) => [run.workflowId, run]));
    const { workflowBundle } = build;
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories(client, runs))) {
      const run = byWorkflow.get(workflowId);
      if (run === undefined) continue;
      const facts = { workflow: workflowId, run: run.runId, build: run.build ?? 'unversioned' };
      if (error !== undefined) {
        failed.push(run);
        log.error({ ...facts, err: error }, 'a run waits for a worker of its build: it does not replay with this one');
        continue;
      }
      await moveRun(client, run, build.version);
      metrics.takenOver.inc();
      log.info(facts, 'took over a run');
    }
    return failed;
  }
}

async function* histories(client: Client, runs: readonly ForeignRun[]) {
  for (const { workflowId, runId } of runs)
    yield { workflowId, history: await client.workflow.getHandle(workflowId, runId).fetchHistory() };
}
