/** Request bodies, as WSME reads them (wsme/rest/args.py, wsme/rest/json.py). */
import { ApiError } from '../../model/errors.ts';
import { parseArgument } from '../wire/type.ts';
import type { BodyType } from './route.ts';

const jsonTypes = new Set(['application/json', 'text/javascript', 'application/javascript', '']);

/** Parses `raw` for a route. Throws ApiError. */
export function parseBody(body: BodyType<unknown>, raw: string, contentType: string | undefined): unknown {
  if (raw === '') throw new ApiError(400, `Missing argument: "${body.argument}"`);
  const mimetype = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!jsonTypes.has(mimetype)) throw new ApiError(415, `Unknown mimetype: ${mimetype}`);
  return parseArgument(body.argument, body.type, parseJson(raw));
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch (error) {
    throw new ApiError(400, 'Request is not in valid JSON format', 'fault', { cause: error });
  }
}
