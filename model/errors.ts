/**
 * What the API refuses, with Octavia's status codes and texts (Octavia: common/exceptions.py). Clients match on these
 * texts, so they change only with upstream.
 */

/**
 * `fault`: raised inside a controller, answered as `{faultcode, faultstring, debuginfo}`; `plain`: raised while the
 * request is routed, answered as `{code, title, description}`.
 */
export type ErrorShape = 'fault' | 'plain';

/** A refusal that the client is told about. The message holds no secret. */
export class ApiError extends Error {
  readonly status: number;
  readonly shape: ErrorShape;

  constructor(status: number, message: string, shape: ErrorShape = 'fault', options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ApiError';
    this.status = status;
    this.shape = shape;
  }
}

/** The same refusal, in the shape of one that is raised before the controller runs. */
export function whileRouting(error: ApiError): ApiError {
  return new ApiError(error.status, error.message, 'plain');
}

export const validationFailure = (detail: string): ApiError => new ApiError(400, `Validation failure: ${detail}`);

export const invalidOption = (value: string, option: string): ApiError =>
  new ApiError(400, `${value} is not a valid option for ${option}`);

export const subresourceNotFound = (resource: string, id: string): ApiError =>
  new ApiError(400, `${resource} ${id} not found.`);

export const invalidFilter = (): ApiError => new ApiError(400, 'One or more arguments are either duplicate or invalid');

export const providerNotEnabled = (provider: string): ApiError =>
  new ApiError(400, `Provider '${provider}' is not enabled.`);

export const noChildren = (protocol: string): ApiError =>
  new ApiError(400, `Protocol ${protocol} listeners cannot have child objects.`);

export const forbidden = (): ApiError => new ApiError(403, 'Policy does not allow this request to be performed.');

export const notFound = (resource: string, id: string): ApiError => new ApiError(404, `${resource} ${id} not found.`);

export const immutable = (resource: string, id: string): ApiError =>
  new ApiError(409, `${resource} ${id} is immutable and cannot be updated.`);

export const pendingState = (state: string, id: string): ApiError =>
  new ApiError(409, `Invalid state ${state} of loadbalancer resource ${id}`);

export const duplicateListener = (protocol: string, port: number): ApiError =>
  new ApiError(
    409,
    `Another Listener on this Load Balancer is already using protocol ${protocol} and protocol_port ${port}`,
  );

export const duplicateMember = (address: string, port: number): ApiError =>
  new ApiError(409, `Another member on this pool is already using ip ${address} on protocol_port ${port}`);

export const duplicateHealthMonitor = (): ApiError => new ApiError(409, 'This pool already has a health monitor');

export const duplicatePool = (): ApiError => new ApiError(409, 'This listener already has a default pool');

export const idExists = (): ApiError => new ApiError(409, 'Already an entity with that specified id.');

export const vipInUse = (reason: string): ApiError =>
  new ApiError(409, `The VIP IP address is already in use: ${reason}`);

export const unsupportedOption = (provider: string, message: string): ApiError =>
  new ApiError(501, `Provider '${provider}' does not support a requested option: ${message}`);

export const providerError = (provider: string, message: string): ApiError =>
  new ApiError(500, `Provider '${provider}' reports error: ${message}`);

export const unavailable = (): ApiError =>
  new ApiError(503, 'The service is temporarily unavailable. Please try again.');
