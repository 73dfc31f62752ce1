import { startOptions } from '../../../temporal/open.ts';
import type { OperationRow } from '../../../db/schema.ts';
import { reasonOf } from '../../../workflows/failure.ts';
import type { Cloud } from './cloud.ts';
import { Injector, type Fault } from './injector.ts';

export interface Ending {
  /** The steps that ran, in order. */
  readonly steps: readonly string[];
  /** Why the workflow failed; null when it did not. */
  readonly failure: string | null;
}

/** Runs the workflow of an operation to its end, with a fault in one of its steps if one is given. */
export async function run(cloud: Cloud, operation: OperationRow, fault?: Fault): Promise<Ending> {
  const options = startOptions(operation, { taskQueue: cloud.taskQueue, networkDriver: 'linux' });
  const injector = new Injector(fault);
  cloud.injectors.set(options.workflowId, injector);
  const handle = await cloud.client.workflow.start(operation.kind, options);
  const failure = await handle.result().then(
    () => null,
    (error: unknown) => messages(error),
  );
  return { steps: injector.steps, failure };
}

function messages(error: unknown): string {
  return reasonOf(error);
}
