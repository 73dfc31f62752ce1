/** The address of PostgreSQL; null for a text that is none. One without a host, for a socket, counts as on this machine. */
export function parseDatabaseUrl(text: string): URL | null {
  const withHost = text.replace('@/', '@localhost/');
  return /^postgres(ql)?:\/\//.test(text) && URL.canParse(withHost) ? new URL(withHost) : null;
}

/** Whether a password stands in it. */
export function holdsPassword(text: string): boolean {
  const url = parseDatabaseUrl(text);
  return url !== null && (url.password !== '' || url.searchParams.has('password'));
}
