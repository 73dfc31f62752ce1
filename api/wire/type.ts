/**
 * The types of the fields that requests carry. One object gives both its JSON Schema (the OpenAPI document) and the
 * parser, which converts and refuses as Octavia's WSME 0.13 does (wsme/types.py, wsme/rest/json.py).
 */
import { ApiError } from '../../model/errors.ts';
import { pythonText } from './python.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Type<T> {
  readonly schema: JsonSchema;
  /** `value` is never null or absent. Throws Unconvertible, InvalidValue or ApiError. */
  readonly parse: (value: unknown) => T;
}

export type Infer<X> = X extends Type<infer T> ? T : never;

/** A value of the wrong kind. Octavia blames the whole argument for it, not the field. */
export class Unconvertible extends Error {}

/** A value of the right kind that its field does not take. */
export class InvalidValue extends Error {}

/** An attribute that an object does not have; the path to it grows on the way out. */
export class UnknownAttribute extends Error {
  readonly path: readonly string[];
  readonly keys: readonly string[];

  constructor(path: readonly string[], keys: readonly string[]) {
    super('unknown attribute');
    this.path = path;
    this.keys = keys;
  }
}

export const invalidInput = (field: string, value: unknown, reason: string): ApiError =>
  new ApiError(400, `Invalid input for field/attribute ${field}. Value: '${pythonText(value)}'. ${reason}`);

/** Runs `parse` for the attribute `name` and turns its refusals into Octavia's texts. */
export function parseAttribute<T>(name: string, value: unknown, parse: (value: unknown) => T): T {
  try {
    return parse(value);
  } catch (error) {
    if (error instanceof InvalidValue) throw invalidInput(name, value, error.message);
    if (error instanceof UnknownAttribute) throw new UnknownAttribute([name, ...error.path], error.keys);
    throw error;
  }
}

/** Parses the body of a request as the argument `name`. Throws ApiError. */
export function parseArgument<T>(name: string, type: Type<T>, value: unknown): T {
  try {
    return type.parse(value);
  } catch (error) {
    if (error instanceof Unconvertible || error instanceof InvalidValue) throw invalidInput(name, value, error.message);
    if (error instanceof UnknownAttribute) {
      const path = [name, ...error.path].join('.');
      throw new ApiError(400, `Unknown attribute for argument ${path}: ${error.keys.join(', ')}`);
    }
    throw error;
  }
}
