import { driverFailures, type DriverFailureType } from '../model/failures.ts';

/** Every way in which a driver fails on purpose. Anything else that is thrown counts as transient. */
export type DriverErrorType = DriverFailureType;

/** A failure that a driver names. The message may be shown to an operator: it holds no secret. */
export class DriverError extends Error {
  readonly type: DriverErrorType;

  constructor(type: DriverErrorType, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = type;
    this.type = type;
  }

  /** Whether trying again may help. */
  get retryable(): boolean {
    return driverFailures[this.type].retryable;
  }
}
