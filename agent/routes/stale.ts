import { failure } from '../http/message.ts';

/**
 * Refuses with 409 what comes from an operation that a later one has overtaken: its sequence number is lower than the one in
 * place. A controller that sends no number, as upstream's, is never refused.
 */
export function refuseOlder(offered: number | null, inPlace: number | null): void {
  if (offered === null || inPlace === null || offered >= inPlace) return;
  throw failure(409, 'Stale configuration', `Sequence ${offered} is older than ${inPlace}, which is in place`);
}
