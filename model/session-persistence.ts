/** What session persistence may be (Octavia: common/validate.py check_session_persistence, api/v2/controllers/pool.py). */
import { validationFailure } from './errors.ts';
import type { PersistenceType, PoolProtocol } from './graph.ts';
import { isDatagram } from './protocols.ts';

export interface PersistenceRequest {
  readonly type: PersistenceType;
  readonly cookie_name: string | null;
  readonly persistence_timeout: number | null;
  readonly persistence_granularity: string | null;
}

/** RFC 6265 token characters: no controls, no space, no separators. */
const cookieName = /^[^\s"(),/:;<=>?@[\\\]{}\p{Cc}]+$/u;

/** Throws the 400 of the first rule that is broken. */
export function checkSessionPersistence(
  protocol: PoolProtocol,
  persistence: PersistenceRequest,
  change: 'create' | 'update',
): void {
  if (isDatagram(protocol)) checkDatagram(persistence);
  else checkStream(persistence, change);
  checkCookie(persistence);
}

function checkDatagram({ type, cookie_name }: PersistenceRequest): void {
  if (type !== 'SOURCE_IP') {
    throw validationFailure(`Session persistence of type ${type} is not supported for UDP/SCTP protocol pools.`);
  }
  if (cookie_name !== null) throw validationFailure('Cookie names are not supported for UDP/SCTP pools.');
}

function checkStream(persistence: PersistenceRequest, change: 'create' | 'update'): void {
  if (persistence.persistence_timeout === null && persistence.persistence_granularity === null) return;
  const pools = change === 'create' ? 'UDP and SCTP protocol pools' : 'UDP protocol pools';
  throw validationFailure(`persistence_timeout and persistence_granularity is only for ${pools}.`);
}

function checkCookie({ type, cookie_name }: PersistenceRequest): void {
  if (type !== 'APP_COOKIE') {
    if (cookie_name === null) return;
    throw validationFailure('Field "cookie_name" can only be specified with session persistence of type "APP_COOKIE".');
  }
  if (cookie_name === null) {
    throw validationFailure(
      'Field "cookie_name" must be specified when using the "APP_COOKIE" session persistence type.',
    );
  }
  if (!cookieName.test(cookie_name)) throw validationFailure('Supplied "cookie_name" is invalid.');
}
