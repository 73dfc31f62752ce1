/** Who asks, where nobody checks: the headers say it (Octavia: common/context.py; oslo.context, from_environ). */
import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from '../policy.ts';

/** Everyone is an admin, of the project and as the user that they name. */
export function identifyNobody(headers: IncomingHttpHeaders): Identity {
  return { projectId: given(headers['x-project-id']), userId: given(headers['x-user-id']), isAdmin: true };
}

const given = (header: string | readonly string[] | undefined): string | null =>
  typeof header === 'string' && header !== '' ? header : null;
