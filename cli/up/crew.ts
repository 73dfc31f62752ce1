/** The processes that one `weir up` keeps running, with their logs and their records. */
import { openLog, type LogSink } from './logs.ts';
import type { StateDir } from './state-dir.ts';
import { forgetProcess, recordProcess } from './strays.ts';
import { supervise, type ChildSpec, type Supervised, type SupervisorEvents } from './supervisor.ts';

export interface Crew {
  /** Starts a process and keeps it running. Its lines go to <logs>/<name>.log, and to the terminal unless `quietly`. */
  add(spec: ChildSpec, quietly?: boolean): void;
  /** Stops all, last started first. */
  stop(): Promise<void>;
  /** Aborts when a process ends again and again; the reason says which, and its last line. */
  readonly trouble: AbortSignal;
}

/** `quiet` keeps the lines of all processes off the terminal. */
export function gatherCrew(state: StateDir, terminal: (line: string) => void, quiet: boolean): Crew {
  const members: Supervised[] = [];
  const logs = new Map<string, LogSink>();
  const trouble = new AbortController();
  const say = (text: string): void => terminal(`up       ${text}`);
  const events: SupervisorEvents = {
    line: (name, text) => logs.get(name)?.line(text),
    // A record that cannot be written (a full disk) costs only the next start its knowledge of strays.
    started: (name, pid) => void recordProcess(state.run, name, pid).catch((error: unknown) => say(String(error))),
    ended: (name, how, delayMs, lastLine) =>
      say(
        `${name} ended (${how}), starts again in ${delayMs / 1000} s${lastLine === '' ? '' : `: ${brief(lastLine)}`}`,
      ),
    looping: (name, times, lastLine) => {
      const text = `${name} ended ${times} times in a row: ${brief(lastLine)}`;
      say(`${text} (it is tried on, less often; all it says is in ${state.logs}/${name}.log)`);
      trouble.abort(new Error(text));
    },
  };
  return {
    add: (spec, quietly = quiet) => {
      logs.set(spec.name, openLog(state.logs, spec.name, quietly, terminal));
      members.push(supervise(spec, events));
    },
    stop: async () => {
      for (const member of members.toReversed()) {
        await member.stop();
        await forgetProcess(state.run, member.name);
        logs.get(member.name)?.close();
      }
    },
    trouble: trouble.signal,
  };
}

/** What a log line says, without its JSON. */
function brief(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    return (JSON.parse(line) as { msg?: string }).msg ?? line;
  } catch {
    return line;
  }
}
