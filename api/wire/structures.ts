/** Lists, maps and objects of fields, and the attributes that objects are made of. */
import { pythonText } from './python.ts';
import { UnknownAttribute, Unconvertible, invalidInput, parseAttribute, type JsonSchema, type Type } from './type.ts';

export function list<T>(item: Type<T>): Type<T[]> {
  return {
    schema: { type: 'array', items: item.schema },
    parse: (value) => {
      if (!Array.isArray(value)) throw new Unconvertible(`Value not a valid list: ${pythonText(value)}`);
      return value.map((element) => item.parse(element));
    },
  };
}

export function map<T>(item: Type<T>): Type<Record<string, T>> {
  return {
    schema: { type: 'object', additionalProperties: item.schema },
    parse: (value) => {
      if (!isPlainObject(value)) throw new Unconvertible(`Value not a valid dict: ${pythonText(value)}`);
      return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, item.parse(element)]));
    },
  };
}

/** One attribute of an object: `V` is what a handler finds there. */
export interface Attribute<V> {
  readonly schema: JsonSchema;
  readonly required: boolean;
  readonly read: (name: string, value: unknown) => V;
}

/** Must be there and not null. */
export function mandatory<T>(type: Type<T>): Attribute<T> {
  return {
    schema: type.schema,
    required: true,
    read: (name, value) => {
      if (value === undefined || value === null) throw invalidInput(name, null, 'Mandatory field missing.');
      return parseAttribute(name, value, type.parse);
    },
  };
}

/** May be absent (undefined) or null: the two mean different things in an update. */
export function optional<T>(type: Type<T>): Attribute<T | null | undefined> {
  return {
    schema: nullable(type.schema),
    required: false,
    read: (name, value) => (value === undefined || value === null ? value : parseAttribute(name, value, type.parse)),
  };
}

/** As optional, but has a value when it is absent. An explicit null stays null, as in Octavia. */
export function withDefault<T>(type: Type<T>, fallback: T): Attribute<T | null> {
  const { read, schema } = optional(type);
  return {
    schema: { ...schema, default: fallback },
    required: false,
    read: (name, value) => {
      const given = read(name, value);
      return given === undefined ? fallback : given;
    },
  };
}

type Shape = Readonly<Record<string, Attribute<unknown>>>;
type ShapeOf<S extends Shape> = { readonly [K in keyof S]: S[K] extends Attribute<infer V> ? V : never };

/** An object with these attributes and no others; read in the order in which they are declared, as upstream. */
export function object<S extends Shape>(title: string, shape: S): Type<ShapeOf<S>> {
  const entries = Object.entries(shape);
  return {
    schema: {
      type: 'object',
      title,
      properties: Object.fromEntries(entries.map(([name, attribute]) => [name, attribute.schema])),
      required: entries.filter(([, attribute]) => attribute.required).map(([name]) => name),
      additionalProperties: false,
    },
    parse: (value) => {
      if (!isPlainObject(value)) throw new Unconvertible(`Value not a valid object: ${pythonText(value)}`);
      const unknown = Object.keys(value).filter((key) => !Object.hasOwn(shape, key));
      if (unknown.length > 0) throw new UnknownAttribute([], unknown);
      return Object.fromEntries(
        entries.map(([name, attribute]) => [name, attribute.read(name, value[name])]),
      ) as ShapeOf<S>;
    },
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}
