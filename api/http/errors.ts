/** What a client is told when a request fails. Never a stack, never a text of the database. */
import { STATUS_CODES } from 'node:http';
import { isUnavailable } from '../../db/errors.ts';
import { ApiError, unavailable, type ErrorShape } from '../../model/errors.ts';

export interface Failure {
  readonly status: number;
  readonly body: unknown;
  /** Whether it is ours to explain: the operator finds it in the log. */
  readonly unexpected: boolean;
}

const titles: Readonly<Record<number, string>> = { 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable' };

/** `{faultcode, faultstring, debuginfo}`, as WSME writes it. */
export function fault(status: number, message: string): unknown {
  return { faultcode: status >= 500 ? 'Server' : 'Client', faultstring: message, debuginfo: null };
}

/** `{code, title, description}`, as pecan's hooks and routing write it. */
export function plain(
  status: number,
  description: string | null,
  title = titles[status] ?? STATUS_CODES[status],
): unknown {
  return { code: status, title, description };
}

function answered(error: ApiError, shape: ErrorShape = error.shape): Failure {
  const { status, message } = error;
  // Octavia gives every error that it raises while routing the title of a 400 (a parent that is not found too).
  const body = shape === 'fault' ? fault(status, message) : plain(status, message, 'Bad Request');
  return { status, body, unexpected: false };
}

/** Turns whatever was thrown into an answer. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return answered(error);
  if (isUnavailable(error)) return answered(unavailable());
  if (isClientError(error)) return { status: error.statusCode, body: clientFault(error), unexpected: false };
  return { status: 500, body: fault(500, 'Internal error. The request id leads to its log entry.'), unexpected: true };
}

/** An error that Fastify raises for a request that it cannot read. */
function isClientError(error: unknown): error is Error & { statusCode: number; code?: string } {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}

function clientFault(error: Error & { statusCode: number }): unknown {
  if (error.statusCode === 413) return plain(413, 'Request is too large.', 'Request Entity Too Large');
  return fault(error.statusCode, error.message);
}
