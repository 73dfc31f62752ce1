import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { textOf, trackedFiles } from './source.ts';

const named = /^import\s+(?!type\b)(?:[\w$]+\s*,\s*)?\{([^}]*)\}\s*from\s+'([^'.][^']*)';/gm;

/** Names that run, by package: `a` of `import { a, type B, c as d } from 'package'`. */
function namesByPackage(texts: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const text of texts) {
    for (const [, list = '', name = ''] of text.matchAll(named)) {
      const names = list
        .split(',')
        .map((part) => part.trim().split(/\s+as\s+/, 1)[0] ?? '')
        .filter((part) => part !== '' && !part.startsWith('type '));
      const known = found.get(name) ?? new Set();
      for (const one of names) known.add(one);
      found.set(name, known);
    }
  }
  return found;
}

const unnamed = /^import '([^'.][^']*)';/gm;

/** Imports for their effect alone, which others rely on. */
function effectsIn(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(unnamed)].map(([, name = '']) => name)))];
}

/** Loads each package in a plain Node, and returns the names that it does not have there. */
function missingInNode(texts: readonly string[]): readonly string[] {
  const wanted = [...namesByPackage(texts)].map(([name, names]) => [name, [...names]]);
  const program = `
    for (const name of ${JSON.stringify(effectsIn(texts))}) await import(name);
    for (const [name, wanted] of ${JSON.stringify(wanted)}) {
      const there = await import(name);
      for (const one of wanted) if (!(one in there)) console.log(one + ' of ' + name);
    }`;
  const cwd = fileURLToPath(new URL('../../', import.meta.url));
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd, encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '');
}

describe('names imported from packages', () => {
  it('exist for Node, not only for the test runner, which is kinder to CommonJS', () => {
    const sources = trackedFiles().filter((file) => file.endsWith('.ts') && !/^(?:test|vitest)/.test(file));
    const texts = sources.map(textOf);
    expect(namesByPackage(texts).size).toBeGreaterThan(10);
    expect(missingInNode(texts)).toEqual([]);
  });

  it('are missed when a package does not have them', () => {
    expect(missingInNode(["import { IPv4 } from 'ipaddr.js';"])).toEqual(['IPv4 of ipaddr.js']);
    expect(missingInNode(["import { Pool, type Client } from 'undici';"])).toEqual([]);
  });
});
