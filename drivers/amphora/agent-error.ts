/** What an agent's refusal means to the caller (Octavia: drivers/haproxy/exceptions.py, check_exception). */
import { DriverError, type DriverErrorType } from '../errors.ts';

const detailLimit = 2_000;

/** An answer of an agent that is not a success. */
export interface AgentAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Both shapes of an agent's errors: `{message, details}` of its handlers and `{error}` of its framework. */
function explanationOf({ body }: AgentAnswer): string {
  try {
    const { message, details, error } = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const parts = [message, details, error].filter((part) => typeof part === 'string' && part !== '');
    return parts.join(': ').slice(0, detailLimit);
  } catch {
    return '';
  }
}

/**
 * An agent that just starts answers 404 without JSON, and one whose interface has not come yet says so in a 404:
 * both will do better in a moment.
 */
function isNotReady({ status, contentType, body }: AgentAnswer): boolean {
  if (status !== 404) return false;
  return !contentType.includes('application/json') || body.includes('No suitable network interface found');
}

function typeOf(answer: AgentAnswer): DriverErrorType {
  if (isNotReady(answer)) return 'AmphoraUnreachable';
  if (answer.status === 400 || answer.status === 405) return 'ConfigurationRefused';
  return 'AgentFailed';
}

/** The error for an answer that the caller did not expect. */
export function agentError(
  amphoraId: string,
  request: string,
  answer: AgentAnswer,
  type?: DriverErrorType,
): DriverError {
  const explanation = explanationOf(answer);
  const reason = explanation === '' ? '' : `: ${explanation}`;
  return new DriverError(
    type ?? typeOf(answer),
    `amphora ${amphoraId} answered ${request} with ${answer.status}${reason}`,
  );
}
