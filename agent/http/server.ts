import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { AgentConfig } from '../config/agent-config.ts';
import type { Logger } from '../log.ts';
import { errnoOf } from '../process/errno.ts';
import { ProgramMissing } from '../process/run.ts';
import { AgentError, failure, flaskError, type AgentResponse } from './message.ts';
import { findRoute, type Route } from './router.ts';

/** The largest body that is taken, in bytes: a configuration of some hundred thousand members. */
const maxBodyBytes = 64 * 1024 * 1024;

const keepAliveMs = 65_000;

/** Reads certificate, key and authorities as they are on the disk now. Throws when a file is missing. */
export async function readTlsFiles(config: AgentConfig): Promise<SecureContextOptions> {
  const [pem, ca] = await Promise.all([readFile(config.serverCert), readFile(config.serverCa)]);
  return { cert: pem, key: pem, ca, minVersion: config.minTlsVersion };
}

/** The agent's HTTPS server: only clients with a certificate of our authority get in. It does not listen yet. */
export function createAgentServer(
  config: AgentConfig,
  tls: SecureContextOptions,
  routes: readonly Route[],
  log: Logger,
): Server {
  const options = { ...tls, requestCert: true, rejectUnauthorized: true };
  const server = createServer(options, (request, response) => {
    answer(routes, request)
      .catch((error: unknown) => errorResponse(error, log))
      .then((result) => send(request, response, result, log))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'answer not sent');
        response.destroy();
      });
  });
  server.requestTimeout = config.requestReadTimeoutSeconds * 1000;
  // A controller comes back with the next edit: it should not pay for another handshake.
  server.keepAliveTimeout = keepAliveMs;
  server.on('tlsClientError', (error) => log.debug({ err: error }, 'TLS handshake refused'));
  return server;
}

/** Listens on `bind_host`; where the kernel has no IPv6, `::` means all IPv4 addresses. */
export async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await listenOn(server, host, port);
  } catch (error) {
    if (host !== '::' || !['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(errnoOf(error) ?? '')) throw error;
    await listenOn(server, '0.0.0.0', port);
  }
}

async function listenOn(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(routes: readonly Route[], request: IncomingMessage): Promise<AgentResponse> {
  const { handler, params } = findRoute(routes, request.method ?? 'GET', request.url ?? '/');
  const query = new URLSearchParams(request.url?.split('?')[1]);
  return handler({ params, query, body: await readBody(request) });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes)
      throw flaskError(413, 'The data value transmitted exceeds the capacity limit.', { connection: 'close' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function errorResponse(error: unknown, log: Logger): AgentResponse {
  if (error instanceof AgentError) {
    if (error.response.status >= 500) log.error(error.message);
    return error.response;
  }
  log.error({ err: error }, 'request failed');
  if (error instanceof ProgramMissing) return failure(500, error.message).response;
  const storage = storageMessage(error);
  if (storage !== null) return failure(500, storage, (error as Error).message).response;
  return flaskError(500, (error as Error).message).response;
}

/** One clear line for a disk that takes no more, or null when the error is another one. */
function storageMessage(error: unknown): string | null {
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The amphora has no disk space left';
    case 'EROFS':
      return 'The disk of the amphora is read-only';
    case undefined:
    default:
      return null;
  }
}

function send(request: IncomingMessage, response: ServerResponse, result: AgentResponse, log: Logger): void {
  log.info({ method: request.method, url: request.url, status: result.status });
  response.writeHead(result.status, { ...result.headers, 'content-length': Buffer.byteLength(result.body) });
  response.end(request.method === 'HEAD' ? undefined : result.body);
}
