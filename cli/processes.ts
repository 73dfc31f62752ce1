/** Where each process of Weir begins. Loaded when its verb is called, so that no verb pays for another's libraries. */
import type { Settings } from '../config/settings.ts';

type RunProcess = (settings: Settings, signal: AbortSignal) => Promise<void>;
type RunAgent = (options: { readonly configFile: string }, signal: AbortSignal) => Promise<void>;

interface Entries {
  readonly api: RunProcess;
  readonly worker: RunProcess;
  readonly host: RunProcess;
  readonly health: RunProcess;
  readonly agent: RunAgent;
}

const entries: Readonly<Record<keyof Entries, { readonly module: string; readonly function: string }>> = {
  api: { module: 'api/main', function: 'runApi' },
  worker: { module: 'worker/main', function: 'runWorker' },
  host: { module: 'worker/host', function: 'runHost' },
  health: { module: 'health/main', function: 'runHealth' },
  agent: { module: 'agent/main', function: 'runAgent' },
};

/** Loads the function that runs a process until its signal aborts. */
export async function loadEntry<Name extends keyof Entries>(name: Name): Promise<Entries[Name]> {
  const entry = entries[name];
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const loaded = (await import(new URL(`../${entry.module}.${extension}`, import.meta.url).href)) as Record<
    string,
    Entries[Name] | undefined
  >;
  const run = loaded[entry.function];
  if (run === undefined) throw new Error(`${entry.module} does not export ${entry.function}`);
  return run;
}
