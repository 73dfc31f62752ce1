/** A request as a route sees it: the path's parameters, the query and the whole body. */
export interface AgentRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

export interface AgentResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer in JSON, without white space as webob writes it. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): AgentResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): AgentResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=UTF-8', ...headers }, body };
}

/** A failure with the answer that the controller gets. */
export class AgentError extends Error {
  readonly response: AgentResponse;

  constructor(response: AgentResponse, message: string) {
    super(message);
    this.name = 'AgentError';
    this.response = response;
  }
}

/** An error that a handler words itself: `{"message": …, "details": …}`. */
export function failure(status: number, message: string, details?: string): AgentError {
  const body = details === undefined ? { message } : { message, details };
  return new AgentError(json(status, body), details === undefined ? message : `${message}: ${details}`);
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
};

/** An error in the words of Flask's error pages: `{"error": "404 Not Found: …", "http_code": 404}` (Octavia: server.py, make_json_error). */
export function flaskError(status: number, description: string, headers: Record<string, string> = {}): AgentError {
  const error = `${status} ${reasons[status] ?? 'Error'}: ${description}`;
  return new AgentError(json(status, { error, http_code: status }, headers), error);
}

/** Reads a JSON body; throws the given Bad Request when it is not an object. */
export function jsonObject(body: Buffer, description: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw flaskError(400, description);
}
