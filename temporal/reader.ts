import type { OperationRow } from '../db/schema.ts';
import type { StepNow } from '../model/operation.ts';

/** Looks into the workflow of an operation that is not over. */
export interface OperationReader {
  /** What it has done and is doing, in the order in which it began; empty when that cannot be known within half a second. Never throws. */
  steps(operation: OperationRow): Promise<readonly StepNow[]>;
}
