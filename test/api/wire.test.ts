import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BodyType } from '../../api/http/route.ts';
import { routes } from '../../api/routes.ts';
import { pythonText } from '../../api/wire/python.ts';
import { boolean, cidr, integer, ipAddress, oneOf, text, urlPath, uuid } from '../../api/wire/scalars.ts';
import { list, mandatory, map, object, optional, withDefault } from '../../api/wire/structures.ts';
import { parseArgument, type Type } from '../../api/wire/type.ts';
import { ApiError } from '../../model/errors.ts';

/** What `type` says to a value of the field `x` in the argument `arg`. */
function say(type: Type<unknown>, value: unknown): unknown {
  try {
    return parseArgument('arg', object('o', { x: optional(type) }), { x: value }).x;
  } catch (error) {
    if (error instanceof ApiError) return error.message.replace(/^.*?'\. /, '');
    throw error;
  }
}

describe('values are converted as WSME converts them', () => {
  test.each([
    [integer(), '80', 80],
    [integer(), ' 80 ', 80],
    [integer(), 80.9, 80],
    [integer(), true, 1],
    [boolean, 'YES', true],
    [boolean, 'off', false],
    [boolean, 2, true],
    [uuid, '5E0C2A4E2F9B4F8E9D5B0F3A2A5D7A09', '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09'],
    [uuid, '{5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09}', '5e0c2a4e-2f9b-4f8e-9d5b-0f3a2a5d7a09'],
    [cidr, '10.1.2.3/8', '10.0.0.0/8'],
    [cidr, '10.1.2.3', '10.1.2.3/32'],
    [cidr, '10.1.2.3/255.255.0.0', '10.1.0.0/16'],
    [cidr, '2001:DB8::1/64', '2001:db8::/64'],
    [ipAddress, '2001:DB8:0:0::5', '2001:DB8:0:0::5'],
  ] as const)('%#: %j', (type, value, expected) => {
    expect(say(type, value)).toBe(expected);
  });
});

describe('values are refused with the texts of WSME', () => {
  test.each([
    [integer(1), 0, 'Value should be greater or equal to 1'],
    [integer(1, 9), '10', 'Value should be lower or equal to 9'],
    [integer(), 'x', "invalid literal for int() with base 10: 'x'"],
    [integer(), [], "invalid literal for int() with base 10: '[]'"],
    [boolean, 'maybe', 'Value not an unambiguous boolean: maybe'],
    [text({ max: 2 }), 'abc', 'Value should have a maximum character requirement of 2'],
    [text({ min: 1 }), '', 'Value should have a minimum character requirement of 1'],
    [text(), 5, 'Value should be string'],
    [text(), 'a\0b', 'Value should not contain NUL characters'],
    [uuid, 'nope', 'Value should be UUID format'],
    [oneOf('a', 'b'), 'c', 'Value should be one of: a, b'],
    [ipAddress, '010.0.0.1', 'Value should be IPv4 or IPv6 format'],
    [ipAddress, 'fe80::1%eth0', 'Value should be IPv4 or IPv6 format'],
    [cidr, '10.0.0.0/33', 'Value should be IPv4 or IPv6 CIDR format'],
    [urlPath, 'http://x/', 'Value must be a valid URL Path string'],
    [urlPath, '/a b', 'Value must be a valid URL Path string'],
    [urlPath, '//host/x', 'Value must be a valid URL Path string'],
    [list(text()), 'a', 'Value not a valid list: a'],
    [map(text()), 'a', 'Value not a valid dict: a'],
  ] as const)('%#: %j', (type, value, expected) => {
    expect(say(type as Type<unknown>, value)).toBe(expected);
  });

  test('an attribute that is not known is named with the way to it', () => {
    const inner = object('inner', { a: optional(text()) });
    const outer = object('outer', { b: optional(list(inner)) });
    expect(() => parseArgument('arg', outer, { b: [{ c: 1, d: 1 }] })).toThrow(
      'Unknown attribute for argument arg.b: c, d',
    );
  });

  test('a mandatory attribute is missing when it is absent and when it is null', () => {
    const type = object('o', { a: mandatory(text()) });
    const missing = "Invalid input for field/attribute a. Value: 'None'. Mandatory field missing.";
    expect(() => parseArgument('arg', type, {})).toThrow(missing);
    expect(() => parseArgument('arg', type, { a: null })).toThrow(missing);
  });

  test('a default stands for what is absent, not for null', () => {
    const type = object('o', { a: withDefault(integer(), 7) });
    expect(parseArgument('arg', type, {})).toEqual({ a: 7 });
    expect(parseArgument('arg', type, { a: null })).toEqual({ a: null });
  });
});

describe('values are quoted as Python quotes them', () => {
  test.each([
    [{ a: [1, true, null, 'x'] }, "{'a': [1, True, None, 'x']}"],
    ["it's", "it's"],
    [["it's"], '["it\'s"]'],
    [1.5, '1.5'],
  ])('%j', (value, expected) => {
    expect(pythonText(value)).toBe(expected);
  });
});

describe('no body, whatever it is, does more than be refused', () => {
  const bodies = routes.flatMap(({ method, path, body }) =>
    body === undefined ? [] : [[method, path, body] as const],
  );

  test.each(bodies)('%s %s', (_method, _path, body) => {
    const keys = Object.keys(body.type.schema['properties'] ?? {});
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...keys), (value, key) => {
        expect(outcomeOf(body, value)).toMatch(/^(parsed|refused)$/);
        expect(outcomeOf(body, { [key]: value })).toMatch(/^(parsed|refused)$/);
      }),
      { numRuns: 50 },
    );
  });
});

function outcomeOf(body: BodyType<unknown>, value: unknown): string {
  try {
    parseArgument(body.argument, body.type, value);
    return 'parsed';
  } catch (error) {
    return error instanceof ApiError && error.status === 400 ? 'refused' : String(error);
  }
}
