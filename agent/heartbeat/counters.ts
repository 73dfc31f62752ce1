import { readIfExists, writeFileAtomic } from '../process/files.ts';
import type { StatsRow } from '../haproxy/stats.ts';

const metrics = ['bin', 'bout', 'ereq', 'stot'] as const;

type Metric = (typeof metrics)[number];

/** Since when HAProxy runs: bytes in, bytes out, request errors, sessions. */
export type ListenerCounters = Readonly<Record<Metric, number>>;

const none: ListenerCounters = { bin: 0, bout: 0, ereq: 0, stot: 0 };

/** What grew since the last time; after a restart of HAProxy the counters begin anew, so that all of them is growth. */
export function growth(current: ListenerCounters, last: ListenerCounters = none): ListenerCounters {
  const delta = (metric: Metric): number =>
    current[metric] < last[metric] ? current[metric] : current[metric] - last[metric];
  return { bin: delta('bin'), bout: delta('bout'), ereq: delta('ereq'), stot: delta('stot') };
}

export function countersOf(row: StatsRow): ListenerCounters {
  const value = (metric: Metric): number => Number(row[metric] ?? 0) || 0;
  return { bin: value('bin'), bout: value('bout'), ereq: value('ereq'), stot: value('stot') };
}

/** The last counters of each listener, kept in stats_counters.json so that a new agent does not report them again. */
export class CounterStore {
  readonly #file: string;
  readonly #counters: Map<string, ListenerCounters>;

  private constructor(file: string, counters: Map<string, ListenerCounters>) {
    this.#file = file;
    this.#counters = counters;
  }

  /** A file that cannot be read counts as empty, as upstream has it. */
  static async open(file: string): Promise<CounterStore> {
    return new CounterStore(file, parseCounters((await readIfExists(file)) ?? '{}'));
  }

  /** Takes the current counters of a listener and returns what grew. */
  advance(listenerId: string, current: ListenerCounters): ListenerCounters {
    const delta = growth(current, this.#counters.get(listenerId));
    this.#counters.set(listenerId, current);
    return delta;
  }

  async save(): Promise<void> {
    await writeFileAtomic(this.#file, JSON.stringify(Object.fromEntries(this.#counters)), 0o640);
  }
}

function parseCounters(text: string): Map<string, ListenerCounters> {
  try {
    const stored = JSON.parse(text) as Record<string, Partial<ListenerCounters>> | null;
    return new Map(Object.entries(stored ?? {}).map(([id, counters]) => [id, { ...none, ...counters }]));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}
