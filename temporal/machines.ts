import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Survey } from '../workflows/compute/survey.ts';

const answerLimitMs = 20_000;

/** Asks each place for the machines that nobody owns there. Throws when no worker of the control plane answers in 20 s. */
export function surveyMachines(
  client: Client,
  taskQueue: string,
  places: readonly string[],
): Promise<readonly Survey[]> {
  return client.workflow.execute('surveyMachines', {
    args: [places],
    taskQueue,
    workflowId: `repair/survey/${randomUUID()}`,
    workflowExecutionTimeout: answerLimitMs,
    staticSummary: 'look for machines that nobody owns',
  });
}
