/** The `code` of a system error (`ENOENT`, `ENOSPC` …), or undefined when it is another kind of error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
