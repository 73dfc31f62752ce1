/** `weir up`: the whole control plane on one machine, in the foreground. */
import { once } from 'node:events';
import type { Mode } from '../doctor/finding.ts';
import { isRoot } from '../doctor/rights.ts';
import type { Configuration } from '../options.ts';
import { lockStateDir } from './lock.ts';
import { modeOf, preflight, requireRoom } from './preflight.ts';
import { enterCommand, insideSandbox, keepSandbox, releaseSandbox, runInSandbox } from './sandbox.ts';
import { startStack, type Stack } from './stack.ts';
import { openStateDir } from './state-dir.ts';
import { stopStrays } from './strays.ts';

export interface UpOptions {
  readonly configuration: Configuration;
  readonly signal: AbortSignal;
  readonly terminal: (line: string) => void;
  /** Shows what happens rather than the processes' log lines. */
  readonly quiet?: boolean;
}

/** Runs everything until the signal aborts. Returns the exit code. Throws PlainError when something is missing. */
export async function up(options: UpOptions): Promise<number> {
  return withStack(options, async ({ signal }) => {
    if (!signal.aborted) await once(signal, 'abort');
    return 0;
  });
}

type Work = (context: { readonly stack: Stack; readonly signal: AbortSignal }) => Promise<number>;

/** Starts everything, does the work, stops everything. Without root, in namespaces of its own where the drivers need it. */
export async function withStack(options: UpOptions, work: Work): Promise<number> {
  const { configuration, terminal, signal, quiet = false } = options;
  const mode = modeOf(configuration);
  if (mode.linuxDrivers && !isRoot()) {
    await preflight(configuration, mode, terminal);
    return runInSandbox(configuration.settings);
  }
  const startedAt = Date.now();
  await requireRoom(configuration.settings.stateDir, terminal);
  const state = await openStateDir(configuration.settings.stateDir);
  const lock = lockStateDir(state.lockFile, state.root);
  try {
    const strays = await stopStrays(state.run);
    if (strays.length > 0) terminal(`up       stopped what an earlier start had left: ${strays.join(', ')}`);
    await preflight(configuration, mode, terminal);
    if (insideSandbox()) await keepSandbox(state.root);
    const stack = await startStack({ settings: configuration.settings, mode, state, terminal, signal, quiet });
    for (const line of readyLines(stack, mode, Date.now() - startedAt)) terminal(line);
    try {
      return await work({ stack, signal });
    } finally {
      terminal('up       stopping …');
      await stack.stop();
      terminal(`up       stopped; all state stays in ${state.root}`);
    }
  } finally {
    if (insideSandbox()) await releaseSandbox(state.root);
    lock.release();
  }
}

function readyLines({ apiUrl, settings, network }: Stack, mode: Mode, tookMs: number): string[] {
  const lines = [
    `up       ready after ${(tookMs / 1000).toFixed(1)} s`,
    `           API          ${apiUrl}/load-balancer/v2.0`,
    `           Temporal UI  ${settings.temporalUiUrl}/namespaces/${settings.temporalNamespace}/workflows`,
  ];
  if (network !== undefined) lines.push(`           VIP subnet   ${network.subnetId} (${network.cidr})`);
  if (insideSandbox()) lines.push(`           both are inside a namespace; enter it with: ${enterCommand()}`);
  if (!mode.linuxDrivers) lines.push('           load balancers are pretended (--drivers noop)');
  return lines;
}
