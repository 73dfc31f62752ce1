/** An agent's outside: HTTPS with client certificates. It records what it gets and answers what the test tells it to. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { CertificateAuthority } from '../../drivers/certificates/contract.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Never sent. */
  readonly silent?: true;
}

const ok: Answer = { status: 200, body: { message: 'OK' } };
const accepted: Answer = { status: 202, body: { message: 'OK' } };
const info = { hostname: 'amphora', haproxy_version: '2.6.12-1+deb12u1', api_version: '1.0' };

/** What upstream's agent answers when all is well. */
function upstreamAnswer({ method, path }: Received): Answer {
  const route = `${method} ${path}`;
  if (route === 'GET /1.0/info') return { status: 200, body: info };
  if (/^GET \/1.0\/interface\//.test(route)) return { status: 200, body: { message: 'OK', interface: 'eth1' } };
  if (/^GET \/1.0\/loadbalancer\/[^/]+\/haproxy$/.test(route))
    return { status: 200, body: '# configuration', headers: { 'content-type': 'text/plain' } };
  if (method === 'DELETE' || path === '/1.0/vrrp/upload') return ok;
  return accepted;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export class AgentDouble {
  readonly received: Received[] = [];
  readonly sockets = new Set<Socket>();
  /** Names of the clients' certificates, one for each connection. */
  readonly clients: string[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #answers = new Map<string, Answer>();

  private constructor(pem: string, authorities: string) {
    this.#server = createServer(
      { cert: pem, key: pem, ca: authorities, requestCert: true, rejectUnauthorized: true },
      (request, response) => {
        void this.#handle(request, response);
      },
    );
    this.#server.on('secureConnection', (socket) => {
      this.connections += 1;
      this.clients.push(socket.getPeerX509Certificate()?.serialNumber ?? '');
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  static async start(authority: CertificateAuthority, amphoraId: string): Promise<AgentDouble> {
    const { pem } = await authority.issueForAmphora(amphoraId);
    const double = new AgentDouble(pem, await authority.trustBundle());
    double.#server.listen(0, '127.0.0.1');
    await once(double.#server, 'listening');
    return double;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = { method: request.method ?? '', path: request.url ?? '', body: await bodyOf(request) };
    this.received.push(received);
    const answer = this.#answers.get(`${received.method} ${received.path}`) ?? upstreamAnswer(received);
    if (answer.silent) return;
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(text);
  }

  /** `GET /1.0/info` and what it answers from now on. */
  answer(route: string, answer: Answer): void {
    this.#answers.set(route, answer);
  }

  /** `GET /1.0/info` … in the order of arrival. */
  get routes(): readonly string[] {
    return this.received.map(({ method, path }) => `${method} ${path}`);
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
