/** A running HAProxy, master and worker as in an amphora, in namespaces of its own; its stats socket is reached by its path. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { peerName } from '../../../dataplane/haproxy/peers.ts';
import { renderHaproxy } from '../../../dataplane/haproxy/render.ts';
import type { LoadBalancerGraph } from '../../../model/graph.ts';
import { anAmphora } from '../builders.ts';

const run = promisify(execFile);

async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited 30 s for ${what}`);
    await sleep(10);
  }
}

const amphora = anAmphora(1);

export class LiveHaproxy {
  readonly folder: string;
  #master: ChildProcess | null = null;
  #log = '';

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `members` is a configuration of a second HAProxy, which plays the members; `certificate` a file beside it. */
  static async start(graph: LoadBalancerGraph, members: string, certificate = ''): Promise<LiveHaproxy> {
    const live = new LiveHaproxy(await mkdtemp(join(tmpdir(), 'weir-haproxy-')));
    await live.#write(graph);
    await writeFile(join(live.folder, 'members.cfg'), members);
    await writeFile(join(live.folder, 'certificate.pem'), certificate);
    const command =
      'cd "$0" && ip link set lo up && haproxy -D -f "$0/members.cfg" -p "$0/members.pid" && exec haproxy -Ws -L "$1" -f "$0/haproxy.cfg"';
    const args = ['-Urn', 'sh', '-ec', command, live.folder, peerName(amphora.id)];
    live.#master = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    live.#master.stderr?.on('data', (text: Buffer) => (live.#log += text.toString()));
    try {
      await live.#until(graph);
    } catch (error) {
      await live.stop();
      throw error;
    }
    return live;
  }

  /** As the agent does it: a new file, then SIGUSR2 to the master. Returns once the new worker answers. A master that has just
   * reloaded misses the signal now and then (HAProxy 2.6), so it is sent until it is heeded. */
  async reload(graph: LoadBalancerGraph): Promise<void> {
    await this.#write(graph);
    const started = this.#countOf('Reloading HAProxy');
    this.#master?.kill('SIGUSR2');
    await this.#until(graph, () => {
      if (this.#countOf('Reloading HAProxy') === started) this.#master?.kill('SIGUSR2');
    });
  }

  /** What a server's first check ended with, `L6OK`, `L4CON` … (HAProxy's manual 9.1, check_status). */
  async checkOf(loadBalancerId: string, serverId: string): Promise<string> {
    let status = '';
    await eventually(`server ${serverId} to be checked`, async () => {
      const rows = (await this.ask('show stat', loadBalancerId)).split('\n').map((row) => row.split(','));
      const server = rows.find((row) => row[1] === serverId) ?? [];
      status = server[rows[0]?.indexOf('check_status') ?? -1] ?? '';
      return /^L\d/.test(status);
    });
    return status;
  }

  /** Returns once stick tables are in sync: HAProxy hands them on at a reload only if it had finished its own start (10 s). */
  async inSync(loadBalancerId: string): Promise<void> {
    const both = 0x3;
    await eventually('stick tables to be in sync', async () => {
      const flags = /flags=0x([0-9a-f]+) resync/.exec(await this.ask('show peers', loadBalancerId))?.[1] ?? '0';
      return (Number.parseInt(flags, 16) & both) === both;
    });
  }

  /** What a client with that address gets from the VIP; throws when the connection or the request fails. */
  async get(url: string, client = '127.0.0.1'): Promise<string> {
    const inside = ['-t', String(this.#master?.pid), '-U', '-n', '--preserve-credentials'];
    const { stdout } = await run('nsenter', [...inside, 'curl', '-sS', '-m', '5', '--interface', client, url]);
    return stdout;
  }

  /** What the stats socket answers. */
  async ask(command: string, loadBalancerId: string): Promise<string> {
    const socket = connect(join(this.folder, `${loadBalancerId}.sock`));
    socket.end(`${command}\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  async stop(): Promise<void> {
    if (this.#master !== null && this.#master.exitCode === null) {
      await run('nsenter', [
        '-t',
        String(this.#master.pid),
        '-U',
        '-n',
        '--preserve-credentials',
        'sh',
        '-c',
        `kill $(cat ${this.folder}/members.pid)`,
      ]);
      this.#master.kill('SIGTERM');
      await once(this.#master, 'exit');
    }
    await rm(this.folder, { recursive: true });
  }

  /** The one user of the namespaces cannot become nobody. */
  async #write(graph: LoadBalancerGraph): Promise<void> {
    const paths = { base: this.folder, logSocket: join(this.folder, 'log') };
    const text = renderHaproxy(graph, amphora, { version: { major: 2, minor: 6 }, paths });
    await writeFile(join(this.folder, 'haproxy.cfg'), text.replace('    user nobody\n', ''));
  }

  async #until({ id, sequence }: LoadBalancerGraph, nudge?: () => void): Promise<void> {
    const nudging = setInterval(() => nudge?.(), 250);
    try {
      await eventually(`sequence ${sequence} to be served`, async () => {
        const info = await this.ask('show info', id).catch(() => '');
        return info.includes(`description: weir-sequence=${sequence}\n`);
      });
    } catch (error) {
      throw new Error(this.#log, { cause: error });
    } finally {
      clearInterval(nudging);
    }
  }

  #countOf(message: string): number {
    return this.#log.split(message).length - 1;
  }
}
