/** The sources as a graph of rooms: which file imports what. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Import {
  readonly from: string;
  /** A path from the repository's root for our own files, a bare name (`pg`, `node:net`) for others. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Files that git tracks or would track, from the repository's root; those deleted but not committed are left out. */
export function trackedFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => file !== '' && existsSync(posix.join(root, file)));
}

export function textOf(file: string): string {
  return readFileSync(posix.join(root, file), 'utf8');
}

/** The top-level folder that a path lies in; of a file at the root, the empty text. */
export function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?'([^']+)'/gm;
const dynamic = /\bimport\('([^']+)'\)/g;

/** The imports of a TypeScript text. `import { type X }` counts as one that runs, since Node loads the file for it. */
export function importsIn(file: string, text: string): readonly Import[] {
  const resolve = (name: string): string =>
    name.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file), name)) : name;
  const written = [...text.matchAll(statement)].map(([, type, name = '']) => ({
    from: file,
    to: resolve(name),
    typeOnly: type !== undefined,
  }));
  const loaded = [...text.matchAll(dynamic)].map(([, name = '']) => ({
    from: file,
    to: resolve(name),
    typeOnly: false,
  }));
  return [...written, ...loaded];
}
