import { isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/activities.ts';
import { reasonOf } from '../failure.ts';
import * as policies from '../policies.ts';

/** The machines that nobody owns at one place, or why they are not known. */
export interface Survey {
  readonly taskQueue: string;
  readonly machines: readonly string[];
  /** Why the place did not answer; null when it did. */
  readonly failure: string | null;
}

/** Asks every place that has machines for those that belong to no living amphora. Changes nothing. */
export async function surveyMachines(taskQueues: readonly string[]): Promise<readonly Survey[]> {
  return Promise.all(taskQueues.map(ask));
}

async function ask(taskQueue: string): Promise<Survey> {
  const { findOwnerlessMachines } = proxyActivities<Activities>({
    ...policies.survey,
    taskQueue,
    summary: `list machines without an owner on ${taskQueue}`,
  });
  try {
    return { taskQueue, machines: await findOwnerlessMachines(), failure: null };
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { taskQueue, machines: [], failure: reasonOf(error) };
  }
}
