/** One call to the agent of an amphora (Octavia: drivers/haproxy/rest_api_driver.py, AmphoraAPIClientBase). */
import type { Dispatcher } from 'undici';
import type { Amphora } from '../../model/graph.ts';
import { DriverError, type DriverErrorType } from '../errors.ts';
import { agentError, type AgentAnswer } from './agent-error.ts';
import type { AgentConnections } from './connections.ts';

export interface AgentRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** After /1.0/. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** Statuses besides 2xx that are answers to the caller, not failures. */
  readonly expected?: readonly number[];
  /** What a status means where it is not what it means in general. */
  readonly failures?: Readonly<Record<number, DriverErrorType>>;
}

export interface AgentResponse extends AgentAnswer {
  header(name: string): string | null;
}

/** A kept connection may have been closed by the agent at the moment of use; every call may be made twice, so it is. */
const brokenConnection = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

async function read(response: Dispatcher.ResponseData): Promise<AgentResponse> {
  const header = (name: string): string | null => {
    const value = response.headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
  return {
    status: response.statusCode,
    contentType: header('content-type') ?? '',
    body: await response.body.text(),
    header,
  };
}

export class AgentClient {
  readonly #connections: AgentConnections;

  constructor(connections: AgentConnections) {
    this.#connections = connections;
  }

  /** Throws AmphoraUnreachable when there is no answer, else what the answer's status means. */
  async call(amphora: Amphora, request: AgentRequest): Promise<AgentResponse> {
    const { method, path, expected = [], failures = {} } = request;
    const response = await this.#exchange(amphora, request);
    if ((response.status >= 200 && response.status < 300) || expected.includes(response.status)) return response;
    throw agentError(amphora.id, `${method} /1.0/${path}`, response, failures[response.status]);
  }

  async #exchange(amphora: Amphora, request: AgentRequest): Promise<AgentResponse> {
    const pool = await this.#connections.poolOf(amphora);
    const { method, path, body = null, contentType = 'application/json' } = request;
    const headers = body === null ? {} : { 'content-type': contentType };
    const send = async (): Promise<AgentResponse> =>
      read(await pool.request({ method, path: `/1.0/${path}`, body, headers }));
    try {
      return await send().catch(async (error: unknown) => {
        if (!brokenConnection.has(codeOf(error))) throw error;
        return send();
      });
    } catch (cause) {
      const reason = `${codeOf(cause)} ${(cause as Error).message}`.trim();
      throw new DriverError('AmphoraUnreachable', `amphora ${amphora.id} does not answer: ${reason}`, { cause });
    }
  }
}
