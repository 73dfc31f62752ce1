import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request, type Dispatcher } from 'undici';
import { fileURLToPath } from 'node:url';
import { freeNetwork } from '../../support/free-network.ts';
import { compileAgent } from './compile.ts';
import { Load } from './load.ts';
import { createAuthority, type Authority } from './pki.ts';

/** Networks of the lab: management towards the test, which other runs on this machine see, tenant between amphorae, clients and members. */
const management = freeNetwork('10.214');
export const managementHost = `${management}1`;
export const tenant = '10.213.78';

export interface AmphoraOptions {
  /** Last part of its addresses in both networks. */
  readonly number: number;
  readonly topology?: 'SINGLE' | 'ACTIVE_STANDBY';
  readonly controllers?: string;
  readonly heartbeatInterval?: number;
  /** Where `base_path` is a small disk of its own, in kilobytes. */
  readonly diskKb?: number;
}

export interface AgentAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  readonly json: unknown;
}

/** An amphora as the compute driver makes it: namespaces of its own, a first process that starts the agent again. */
export interface LabAmphora {
  readonly id: string;
  readonly base: string;
  readonly address: string;
  readonly vrrpIp: string;
  readonly mac: string;
  /** Calls the agent; the path comes after `/1.0`. */
  call(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<AgentAnswer>;
  ready(): Promise<void>;
  /** Pids, as the test sees them, of the amphora's processes whose command line has a text; its first process is none of them. */
  pids(text: string): readonly number[];
  killAll(): void;
  output(): string;
  /** Attaches one more port to the tenant network, as hot-plugging does. */
  attachPort(name: string, mac: string): void;
  /** Runs a program in the amphora's inner namespace. */
  inside(...command: string[]): string;
  /** Fills the disk that holds `base` to the last byte. */
  fillDisk(): { free(): void };
  /** The certificate that the agent shows now, PEM without its end and white space. */
  servedCertificate(): string;
  /** A client of its own, which shows a certificate of our authority or none. */
  dispatcher(options: { readonly withClientCertificate: boolean }): Dispatcher;
}

export class Lab {
  readonly folder = mkdtempSync(join(tmpdir(), 'wag-'));
  readonly #suffix = String(process.pid);
  readonly #cleanups: (() => void)[] = [];
  readonly #main: string;
  readonly authority: Authority;
  readonly #clientPem: string;

  private constructor(main: string, authority: Authority, clientPem: string) {
    this.#main = main;
    this.authority = authority;
    this.#clientPem = clientPem;
  }

  static async open(): Promise<Lab> {
    if (process.getuid?.() !== 0) throw new Error('These tests make network namespaces: run them as root');
    const authority = await createAuthority('weir test authority');
    const lab = new Lab(compileAgent(), authority, await authority.issue('controller'));
    lab.#openNetworks();
    return lab;
  }

  /** Name of the network namespace in which clients and members are. */
  get clients(): string {
    return `wagc${this.#suffix}`;
  }

  get #bridge(): string {
    return `wagb${this.#suffix}`;
  }

  #openNetworks(): void {
    sh(`ip netns add ${this.clients}`);
    this.#cleanups.push(() => sh(`ip netns del ${this.clients}`));
    sh(`ip link add ${this.#bridge} type bridge && ip link set ${this.#bridge} up`);
    this.#cleanups.push(() => sh(`ip link del ${this.#bridge}`));
    sh(`ip addr add ${managementHost}/24 dev ${this.#bridge}`);
    const ip = `ip -n ${this.clients}`;
    sh(`${ip} link set lo up && ${ip} link add br0 type bridge && ${ip} link set br0 up`);
    sh(`${ip} addr add ${tenant}.1/24 dev br0`);
  }

  /** Starts a program in the clients' namespace. */
  client(...command: string[]): ChildProcess {
    const child = spawn('nsenter', [`--net=/run/netns/${this.clients}`, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#cleanups.push(() => child.kill('SIGKILL'));
    return child;
  }

  /** What a client gets from an URL. */
  fetch(url: string): string {
    const curl = ['curl', '-s', '--max-time', '20', url];
    return execFileSync('nsenter', [`--net=/run/netns/${this.clients}`, ...curl], { encoding: 'utf8' });
  }

  /** Asks an URL again and again over new connections, `width` at a time, until it is stopped. */
  load(url: string, { width, limitMs }: { readonly width: number; readonly limitMs: number }): Load {
    const program = fileURLToPath(new URL('load.mjs', import.meta.url));
    return new Load(this.client('node', program, url, String(width), String(limitMs)));
  }

  /** Starts an HTTP server that answers `text`, as a member at a port of the tenant network's address .1. */
  async member(port: number, text: string): Promise<void> {
    const script = `require('node:http').createServer((q,s)=>s.end(${JSON.stringify(text)})).listen(${port},()=>console.log('up'))`;
    const child = this.client('node', '-e', script);
    if (child.stdout !== null) await once(child.stdout, 'data');
  }

  async amphora(options: AmphoraOptions): Promise<LabAmphora> {
    const id = `00000000-0000-4000-8000-0000000000${String(options.number).padStart(2, '0')}`;
    // Short: HAProxy takes 97 characters for the path of a stats socket.
    const folder = join(this.folder, String(options.number));
    mkdirSync(folder);
    const base = join(folder, 'lib');
    mkdirSync(base);
    writeFileSync(join(folder, 'server.pem'), await this.authority.issue(id));
    writeFileSync(join(folder, 'client_ca.pem'), this.authority.pem);
    writeFileSync(join(folder, 'agent.conf'), agentConfig(id, folder, options));
    const container = this.#startContainer(folder, options);
    const mac = `02:00:00:00:00:${String(options.number).padStart(2, '0')}`;
    this.#plug(container.init(), options.number, mac);
    return this.#amphoraOf({ id, base, mac, options, container });
  }

  #startContainer(folder: string, { diskKb }: AmphoraOptions): Container {
    const disk = diskKb === undefined ? ':' : `mount -t tmpfs -o size=${diskKb}k tmpfs ${folder}/lib`;
    const start = `import { runAgent } from '${this.#main}'; await runAgent({ configFile: '${folder}/agent.conf' }, new AbortController().signal);`;
    writeFileSync(join(folder, 'start.mjs'), start);
    const script = [
      'mount -t proc proc /proc',
      'mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns',
      disk,
      'ip link set lo up',
      `until ip -br link show mgmt0 >/dev/null 2>&1; do sleep 0.02; done`,
      `while :; do node ${folder}/start.mjs; sleep 0.2; done`,
    ].join('; ');
    const flags = ['--net', '--mount', '--pid', '--uts', '--fork', '--kill-child'];
    const child = spawn('unshare', [...flags, 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#cleanups.push(() => child.kill('SIGKILL'));
    return new Container(child);
  }

  #attach(init: number, outside: string, name: string, mac: string): void {
    const ip = `ip -n ${this.clients}`;
    sh(`${ip} link add ${outside} type veth peer name ${name} address ${mac} netns ${init}`);
    sh(`${ip} link set ${outside} master br0 up`);
  }

  /** Gives the amphora its management interface and its VRRP port, both outside the inner namespace. */
  #plug(init: number, number: number, mac: string): void {
    const [m, t] = [`wagm${number}x${this.#suffix}`, `wagt${number}x${this.#suffix}`];
    sh(`ip link add ${m} type veth peer name mgmt0 netns ${init} && ip link set ${m} master ${this.#bridge} up`);
    // A dead namespace keeps its end for as long as the kernel waits for the other side of a connection.
    this.#cleanups.push(() => sh(`ip link del ${m} 2>/dev/null || true`));
    const outside = `nsenter --net=/proc/${init}/ns/net ip`;
    sh(`${outside} addr add ${management}${number}/24 dev mgmt0 && ${outside} link set mgmt0 up`);
    this.#attach(init, t, 'port0', mac);
  }

  #amphoraOf(parts: {
    id: string;
    base: string;
    mac: string;
    options: AmphoraOptions;
    container: Container;
  }): LabAmphora {
    const { id, base, mac, options, container } = parts;
    const address = `${management}${options.number}`;
    const dispatcher = ({ withClientCertificate }: { withClientCertificate: boolean }): Dispatcher => {
      const client = withClientCertificate ? { cert: this.#clientPem, key: this.#clientPem } : {};
      return new Agent({ connect: { ca: this.authority.pem, servername: id, timeout: 20_000, ...client } });
    };
    const shared = dispatcher({ withClientCertificate: true });
    const call: LabAmphora['call'] = async (method, path, body) => {
      const payload = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
      const url = `https://${address}:9443/1.0${path}`;
      const { statusCode, headers, body: answer } = await request(url, { method, body: payload, dispatcher: shared });
      const text = await answer.text();
      const isJson = headers['content-type'] === 'application/json';
      return { status: statusCode, headers, text, json: isJson ? (JSON.parse(text) as unknown) : null };
    };
    return {
      id,
      base,
      address,
      vrrpIp: `${tenant}.${options.number}`,
      mac,
      call,
      dispatcher,
      attachPort: (name, own) => this.#attach(container.init(), `wagp${options.number}${name}`, name, own),
      pids: (text) => container.pids(text),
      killAll: () => container.killAll(),
      output: () => container.output(),
      inside: (...command) => container.inside(command),
      fillDisk: () => {
        const file = join(base, 'filler');
        container.insideMounts(['sh', '-c', `cat /dev/zero > ${file} 2>/dev/null || true`]);
        return { free: () => container.insideMounts(['rm', file]) };
      },
      servedCertificate: () => {
        const command = `openssl s_client -connect ${address}:9443 </dev/null 2>/dev/null | openssl x509`;
        const pem = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
        return pem.slice(0, pem.indexOf('-----END CERTIFICATE')).replaceAll(/\s/g, '');
      },
      ready: async () => {
        await until('the agent answers', async () => (await call('GET', '/info')).status === 200);
      },
    };
  }

  close(): void {
    for (const cleanup of this.#cleanups.toReversed()) cleanup();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The processes of one amphora. */
class Container {
  readonly #child: ChildProcess;
  readonly #chunks: Buffer[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  output(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** Pid of the first process in the amphora's pid namespace. */
  init(): number {
    const { pid } = this.#child;
    const children = `/proc/${pid}/task/${pid}/children`;
    for (let attempt = 0; attempt < 500; attempt += 1) {
      const [first = ''] = readFileSync(children, 'utf8').split(' ');
      if (first !== '') return Number(first);
      sh('sleep 0.01');
    }
    throw new Error(`the amphora did not start: ${this.output()}`);
  }

  pids(text: string): readonly number[] {
    const init = this.init();
    const namespace = execFileSync('readlink', [`/proc/${init}/ns/pid`], { encoding: 'utf8' }).trim();
    const command = `for p in /proc/[0-9]*; do [ "$(readlink $p/ns/pid 2>/dev/null)" = "${namespace}" ] && echo "\${p#/proc/} $(tr '\\0' ' ' < $p/cmdline)"; done; true`;
    const lines = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).split('\n');
    const pids = lines.filter((line) => line.includes(text)).map((line) => Number(line.split(' ', 1)[0]));
    // Whose command line has every program that it starts.
    return pids.filter((pid) => pid !== init);
  }

  killAll(): void {
    this.#child.kill('SIGKILL');
  }

  /** Runs a program with the amphora's view of the disk. */
  insideMounts(command: readonly string[]): string {
    return execFileSync('nsenter', ['-t', String(this.init()), '--mount', ...command], { encoding: 'utf8' });
  }

  inside(command: readonly string[]): string {
    const target = ['-t', String(this.init()), '--mount', '--pid', 'nsenter', '--net=/run/netns/amphora-haproxy'];
    return execFileSync('nsenter', [...target, ...command], { encoding: 'utf8' });
  }
}

function agentConfig(id: string, folder: string, options: AmphoraOptions): string {
  return `[DEFAULT]
debug = False
[haproxy_amphora]
base_cert_dir = ${folder}/lib/certs
base_path = ${folder}/lib
bind_host = ::
bind_port = 9443
haproxy_cmd = /usr/sbin/haproxy
[health_manager]
controller_ip_port_list = ${options.controllers ?? ''}
heartbeat_interval = ${options.heartbeatInterval ?? 10}
heartbeat_key = a heartbeat key
[amphora_agent]
agent_server_ca = ${folder}/client_ca.pem
agent_server_cert = ${folder}/server.pem
agent_server_network_dir = ${folder}/interfaces
agent_request_read_timeout = 180
amphora_id = ${id}
amphora_udp_driver = keepalived_lvs
agent_tls_protocol = TLSv1.2
[controller_worker]
loadbalancer_topology = ${options.topology ?? 'SINGLE'}
`;
}

function sh(command: string): void {
  execFileSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Waits until `probe` is true; a probe that throws is false. Fails after half a minute with the last error. */
export async function until(what: string, probe: () => Promise<boolean> | boolean, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  let last: unknown = null;
  while (Date.now() < end) {
    try {
      if (await probe()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`not within ${limitMs} ms: ${what}`, { cause: last });
}
