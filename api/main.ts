import type { Settings } from '../config/settings.ts';
import { openStarter } from '../temporal/open.ts';
import { serveApi } from './serve.ts';

/** `weir api`: serves the API until `signal`. */
export async function runApi(settings: Settings, signal: AbortSignal): Promise<void> {
  await serveApi(settings, signal, openStarter);
}
