/** What an error of the database means. */

/** SQLSTATE: shutting down, starting, no connection left, connection lost (PostgreSQL: Appendix A). */
const unavailableStates = new Set(['57P01', '57P02', '57P03', '53300', '08000', '08003', '08006', '08001', '08004']);
const unavailableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT',
]);
const unavailableTexts = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Query read timeout',
  'Client has encountered a connection error',
  'the database system is',
];

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether the database cannot be reached just now, so that the request may be tried again later. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some((one) => isUnavailable(one));
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  if (unavailableStates.has(code) || unavailableCodes.has(code)) return true;
  return unavailableTexts.some((text) => error.message.includes(text));
}

/** The name of the unique constraint that an insert or update ran into; null for any other error. */
export function violatedUnique(error: unknown): string | null {
  if (!(error instanceof Error) || codeOf(error) !== '23505') return null;
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
}
