/** What a route of the API is, and what its handler is given. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from '../../config/log.ts';
import type { Settings } from '../../config/settings.ts';
import type { Db } from '../../db/database.ts';
import type { NetworkReader } from '../../drivers/network/contract.ts';
import type { OperationReader } from '../../temporal/reader.ts';
import type { OperationStarter } from '../../temporal/starter.ts';
import type { Action, Identity } from '../policy.ts';
import type { ListCache } from './list-cache.ts';
import type { Type } from '../wire/type.ts';

/** What the API works with. */
export interface Dependencies {
  readonly db: Db;
  readonly starter: OperationStarter;
  readonly reader: OperationReader;
  readonly network: NetworkReader;
  /** Who sends a request with these headers. */
  readonly identify: (headers: IncomingHttpHeaders) => Identity;
  readonly settings: Settings;
  readonly log: Logger;
}

type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The names behind the colons of a route's path. */
type ParamNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** One request, as a handler sees it. */
export interface Call<Path extends string = string, Body = undefined> extends Dependencies {
  readonly action: Action;
  readonly identity: Identity;
  /** `req-…`, as the client is told it. */
  readonly requestId: string;
  readonly params: Readonly<Record<ParamNames<Path>, string>>;
  readonly query: Query;
  readonly body: Body;
  /** Where links of the answer begin: the address and path that were requested, without the query. */
  readonly href: string;
  /** The path and query that were requested. */
  readonly url: string;
  readonly accept: string;
  readonly lists: ListCache;
}

/** A call of whatever route. */
export type AnyCall = Call<never, unknown>;

/** `text` is a body that is JSON already. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string | Buffer;
  /** Media type of `text`; JSON unless it says otherwise. */
  readonly type?: string;
}

/** The body of a request: WSME's name for the argument, which its texts mention, and its type. */
export interface BodyType<T> {
  readonly argument: string;
  readonly type: Type<T>;
}

interface RouteOptions<Path extends string, Body> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: Path;
  readonly action: Action;
  readonly summary: string;
  readonly success: number;
  readonly body?: BodyType<Body>;
  readonly handler: (call: Call<Path, Body>) => Promise<Answer>;
}

/** A route whose types have done their work. */
export interface Route extends Omit<RouteOptions<string, unknown>, 'handler'> {
  readonly handler: (call: Call<string, unknown>) => Promise<Answer>;
}

export function route<const Path extends string, Body = undefined>(options: RouteOptions<Path, Body>): Route {
  return options as unknown as Route;
}
