import type { Settings } from '../../config/settings.ts';

type Bench = (names: readonly string[], settings: Settings) => Promise<void>;

/** Runs the measurements of bench/. */
export async function runBench(names: readonly string[], settings: Settings): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const loaded = (await import(new URL(`../../bench/main.${extension}`, import.meta.url).href)) as { runBench: Bench };
  await loaded.runBench(names, settings);
}
