/** Where each process of Weir begins. Loaded when its verb is called, so that no verb pays for another's libraries. */
import type { Settings } from '../config/settings.ts';

type RunProcess = (settings: Settings, signal: AbortSignal) => Promise<void>;

export const processNames = ['api', 'worker', 'host', 'health'] as const;
export type ProcessName = (typeof processNames)[number];

/** Where a process serves /metrics when all run on one machine: each has the port after the one before it. */
export function metricsPortOf(name: ProcessName, { metricsPort }: Pick<Settings, 'metricsPort'>): number {
  return metricsPort === 0 ? 0 : metricsPort + processNames.indexOf(name);
}

const entries: Readonly<Record<ProcessName, () => Promise<RunProcess>>> = {
  api: async () => (await import('../api/main.ts')).runApi,
  worker: async () => (await import('../worker/main.ts')).runWorker,
  host: async () => (await import('../worker/host.ts')).runHost,
  health: async () => (await import('../health/main.ts')).runHealth,
};

/** Loads the function that runs a process until its signal aborts. */
export function loadEntry(name: ProcessName): Promise<RunProcess> {
  return entries[name]();
}
