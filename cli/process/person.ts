import { hostname, userInfo } from 'node:os';

/** Who runs this program, for records: `name@machine`, or `uid 1234@machine` of a user whom the machine has no name for. */
export function personHere(ask: () => { readonly username: string } = userInfo): string {
  return `${usernameOf(ask)}@${hostname()}`;
}

/** A container may run with any uid. */
function usernameOf(ask: () => { readonly username: string }): string {
  try {
    return ask().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
