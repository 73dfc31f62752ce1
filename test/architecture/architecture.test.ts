import { describe, expect, it } from 'vitest';
import { isDriverInternal, rules, violation } from './rules.ts';
import { importsIn, roomOf, textOf, trackedFiles } from './source.ts';

const files = trackedFiles();
const sources = files.filter((file) => file.endsWith('.ts'));
const imports = sources.flatMap((file) => importsIn(file, textOf(file)));

describe('the rooms', () => {
  it('import one way', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.map(violation).filter((text) => text !== null)).toEqual([]);
  });

  it('of the rules all have their place, and there is no other room', () => {
    const free = new Set(['cli', 'console', 'test', 'docs', '']);
    const others = [...new Set(sources.map(roomOf))].filter((room) => !(room in rules) && !free.has(room));
    expect(others).toEqual([]);
  });

  it('give the API of a driver only its contract and what opens it', () => {
    expect(imports.filter(isDriverInternal)).toEqual([]);
  });

  it('hold a contract for every kind of driver', () => {
    const inDrivers = sources.filter((file) => file.startsWith('drivers/') && file.split('/').length > 2);
    const kinds = [...new Set(inDrivers.map((file) => file.split('/')[1] ?? ''))];
    expect(kinds.filter((kind) => !sources.includes(`drivers/${kind}/contract.ts`))).toEqual([]);
  });
});

describe('the rules', () => {
  const wrong = (file: string, line: string): boolean =>
    importsIn(file, line).some((found) => violation(found) !== null);
  it.each([
    ['model/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['model/a.ts', "import type { Db } from '../db/database.ts';"],
    ['dataplane/haproxy/a.ts', "import { x } from '../../db/x.ts';"],
    ['drivers/compute/a.ts', "import { log } from '@temporalio/activity';"],
    ['workflows/a.ts', "import { x } from '../activities/x.ts';"],
    ['workflows/a.ts', "import {\n  a,\n  b,\n} from 'node:crypto';"],
    ['api/v2/a.ts', "const x = await import('../../activities/x.ts');"],
    ['health/a.ts', "export { x } from '../drivers/compute/contract.ts';"],
    ['agent/a.ts', "import '../db/database.ts';"],
  ])('refuse in %s: %s', (file, line) => {
    expect(wrong(file, line)).toBe(true);
  });

  it.each([
    ['workflows/a.ts', "import type { X } from '../activities/x.ts';"],
    ['db/a.ts', "import { x } from '../model/x.ts';"],
    ['api/v2/a.ts', "import { openNetworkReader } from '../../drivers/network/open.ts';"],
  ])('allow in %s: %s', (file, line) => {
    expect(wrong(file, line)).toBe(false);
  });
});

describe('files', () => {
  const longest = 400;
  it(`have at most ${longest} lines`, () => {
    expect(sources.filter((file) => textOf(file).split('\n').length - 1 > longest)).toEqual([]);
  });

  it('name no path of one developer’s machine', () => {
    const privatePath = /(?:^|[^\w.$}-])\/(?:work|home\/\w+|Users\/\w+|var\/tmp)\//m;
    const texts = files.filter((file) => /\.(?:ts|md|json|yml|sh|toml)$|(?:^|\/)(?:weir|Dockerfile)$/.test(file));
    expect(texts.filter((file) => privatePath.test(textOf(file)))).toEqual([]);
  });

  it('leave no test out and no rule off', () => {
    const ours = sources.filter((file) => !file.startsWith('test/architecture/'));
    const switchedOff =
      /\b(?:it|describe|test)\.(?:skip|only|todo)\b|eslint-disable|oxlint-disable|@ts-(?:ignore|expect-error|nocheck)|\bas any(?=\s*[;,)\]}.]|$)|\bTODO\b/;
    expect(ours.filter((file) => switchedOff.test(textOf(file)))).toEqual([]);
  });
});
