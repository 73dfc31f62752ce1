import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import type { Logger } from '../log.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import { amphoraPaths, haproxyPaths } from '../paths.ts';
import { errnoOf } from '../process/errno.ts';
import { configuredSequence } from './config-file.ts';
import { HaproxyInstance } from './instance.ts';
import { LeastSequences } from './least-sequences.ts';

/** The load balancers of this amphora. Upstream gives an amphora one; the protocol allows more. */
export class HaproxyStore {
  readonly #config: () => AgentConfig;
  readonly #log: Logger;
  readonly #instances = new Map<string, HaproxyInstance>();
  readonly #checked = new Set<string>();
  readonly #least: LeastSequences;

  constructor(config: () => AgentConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#least = new LeastSequences(() => amphoraPaths(config()).leastSequences, log);
  }

  /** Ids of the load balancers that have a configuration, sorted. */
  async ids(): Promise<readonly string[]> {
    const config = this.#config();
    const names = await readdir(config.basePath).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => existsSync(haproxyPaths(config, name).config)).toSorted();
  }

  has(id: string): boolean {
    return existsSync(haproxyPaths(this.#config(), id).config);
  }

  /** The instance of a load balancer, made when it is new. */
  async instance(id: string): Promise<HaproxyInstance> {
    const known = this.#instances.get(id);
    if (known !== undefined) return known;
    const opened = await HaproxyInstance.open(id, this.#config(), this.#log);
    const raced = this.#instances.get(id) ?? opened;
    this.#instances.set(id, raced);
    return raced;
  }

  async configOf(id: string): Promise<string> {
    return readFile(haproxyPaths(this.#config(), id).config, 'utf8');
  }

  /** Starts or takes over everything that ran before. */
  async resume(): Promise<void> {
    for (const id of await this.ids()) await (await this.instance(id)).resume();
  }

  /** Whether `haproxy -c` has passed on the stored configuration with the certificates that it names now. */
  isChecked(id: string): boolean {
    return this.#checked.has(id);
  }

  markChecked(id: string): void {
    this.#checked.add(id);
  }

  markUnchecked(id: string): void {
    this.#checked.delete(id);
  }

  /** The sequence number of what is stored or, when it was deleted, the lowest that is still taken. Null when nothing is known. */
  async sequenceInPlace(id: string): Promise<number | null> {
    const stored = this.has(id) ? configuredSequence(await this.configOf(id)) : null;
    const least = await this.#least.of(id);
    return stored === null || least === null ? (stored ?? least) : Math.max(stored, least);
  }

  /** What comes with a lower sequence number is not taken any more, though nothing is stored. */
  takeNoneBefore(id: string, sequence: number): Promise<void> {
    return this.#least.raise(id, sequence);
  }

  /** Removes all files of a stopped load balancer. */
  async remove(id: string): Promise<void> {
    const last = configuredSequence(await this.configOf(id));
    this.#checked.delete(id);
    const paths = haproxyPaths(this.#config(), id);
    this.#instances.get(id)?.release();
    this.#instances.delete(id);
    await rm(paths.socket, { force: true });
    await rm(paths.certificates, { recursive: true, force: true });
    await rm(paths.dir, { recursive: true, force: true });
    if (last !== null) await this.takeNoneBefore(id, last + 1);
  }

  /** Leaves all processes running and no longer watches them. */
  release(): void {
    for (const instance of this.#instances.values()) instance.release();
  }
}

/** HAProxy's name for an amphora among its peers: it takes no long names (Octavia: common/utils.py, base64_sha1_string). */
export function peerName(amphoraId: string): string {
  const digest = createHash('sha1').update(amphoraId).digest('base64');
  return digest.replaceAll('+', '_').replaceAll('/', '-').replace(/^-/, 'x').replace(/=+$/, '');
}
