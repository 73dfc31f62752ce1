import { inject } from 'vitest';

/** Asks the run for a server (global-setup.ts); the first question starts it. Throws with the reason when it cannot start. */
export async function askForServer<T>(name: 'postgres' | 'temporal' | 'weir'): Promise<T> {
  const response = await fetch(`${inject('testServers')}/${name}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}
