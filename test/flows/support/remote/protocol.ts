/** What a worker in a process of its own and the test that holds its world say to each other over Node's IPC. */
import { DriverError, type DriverErrorType } from '../../../../drivers/errors.ts';
import { driverFailures } from '../../../../model/failures.ts';

/** What the worker needs to begin; handed over as its only argument, as JSON. */
export interface WorkerOrders {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly databaseUrl: string;
  /** A file with the workflows' bundle. */
  readonly bundlePath: string;
}

/** The worker calls something of the test's: a driver's method, or `gate.enter`, which waits until the test lets the step go. */
export interface Question {
  readonly id: number;
  readonly to: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

export interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly type: string; readonly message: string };
}

/** An error as it can be sent. */
export function packed(error: unknown): NonNullable<Answer['error']> {
  const message = error instanceof Error ? error.message : String(error);
  return { type: error instanceof DriverError ? error.type : '', message };
}

/** The error that was sent. */
export function unpacked({ type, message }: NonNullable<Answer['error']>): Error {
  return isDriverError(type) ? new DriverError(type, message) : new Error(message);
}

const isDriverError = (type: string): type is DriverErrorType => type in driverFailures;
