import type { Settings } from '../config/settings.ts';
import { openOperations } from '../temporal/operations.ts';
import { serveApi } from './serve.ts';

/** `weir api`: serves the API until `signal`. */
export async function runApi(settings: Settings, signal: AbortSignal): Promise<void> {
  await serveApi(settings, signal, openOperations);
}
