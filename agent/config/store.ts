import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../process/files.ts';
import { parseAgentConfig, type AgentConfig } from './agent-config.ts';

/** The agent's configuration as it is now; PUT /1.0/config replaces it while the agent runs. */
export class ConfigStore {
  readonly #file: string;
  #current: AgentConfig;
  readonly #changes = new EventEmitter();

  private constructor(file: string, current: AgentConfig) {
    this.#file = file;
    this.#current = current;
  }

  /** Throws an Error that names the file and what is wrong in it. */
  static async open(file: string): Promise<ConfigStore> {
    try {
      return new ConfigStore(file, parseAgentConfig(await readFile(file, 'utf8')));
    } catch (error) {
      throw new Error(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  get current(): AgentConfig {
    return this.#current;
  }

  /** Checks and stores a new configuration (mode 0600: it holds the heartbeat key); throws without changing anything. */
  async replace(text: string): Promise<void> {
    const next = parseAgentConfig(text);
    await writeFileAtomic(this.#file, text, 0o600);
    this.#current = next;
    this.#changes.emit('change');
  }

  /** Waits for the next `replace`, or for `signal`, whichever comes first. */
  async nextChange(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#changes.off('change', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#changes.on('change', done);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done);
    });
  }
}
