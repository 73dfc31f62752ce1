/** Every way in which a driver fails on purpose, and whether trying again may help. Anything else that is thrown counts as transient. */
export const driverErrors = {
  NoValidHost: { retryable: false },
  ComputeFailed: { retryable: false },
  ComputeNotFound: { retryable: false },
  VipInUse: { retryable: false },
  AddressesExhausted: { retryable: false },
  NetworkNotFound: { retryable: false },
  ConfigurationRefused: { retryable: false },
  StaleSequence: { retryable: false },
  AgentFailed: { retryable: true },
  AmphoraUnreachable: { retryable: true },
} as const satisfies Record<string, { readonly retryable: boolean }>;

export type DriverErrorType = keyof typeof driverErrors;

/** A failure that a driver names. The message may be shown to an operator: it holds no secret. */
export class DriverError extends Error {
  readonly type: DriverErrorType;

  constructor(type: DriverErrorType, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = type;
    this.type = type;
  }

  get retryable(): boolean {
    return driverErrors[this.type].retryable;
  }
}
