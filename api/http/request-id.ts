/** Request ids (oslo.middleware: request_id.py). */
import { randomUUID } from 'node:crypto';

const wellFormed = /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function newRequestId(): string {
  return `req-${randomUUID()}`;
}

/** The id that a caller gave its request across services; null unless it is well formed. It is logged, never answered. */
export function globalRequestId(header: string | readonly string[] | undefined): string | null {
  return typeof header === 'string' && wellFormed.test(header) ? header : null;
}
