import { statSync } from 'node:fs';
import { ProgramMissing, run } from './process/run.ts';

/** Versions of installed packages, asked once for as long as the program's file is the same. */
export class PackageVersions {
  readonly #known = new Map<string, { readonly changed: number; readonly version: string }>();

  /**
   * The package's version as dpkg says it, else as the program itself says it, else an empty text when it is not
   * installed (Octavia: osutils.py, cmd_get_version_of_installed_package).
   */
  async of(name: string, program: string): Promise<string> {
    const changed = statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const known = this.#known.get(name);
    if (known?.changed === changed) return known.version;
    const version = changed === 0 ? '' : await ask(name, program);
    this.#known.set(name, { changed, version });
    return version;
  }
}

async function ask(name: string, program: string): Promise<string> {
  const packaged = (await runOrNothing('dpkg-query', ['-W', name])).split('\t')[1] ?? '';
  if (packaged !== '') return packaged;
  const said = await runOrNothing(program, ['-v']);
  return /(?:version |v)(\d[^\s(]*)/.exec(said)?.[1] ?? '';
}

async function runOrNothing(program: string, args: readonly string[]): Promise<string> {
  try {
    const result = await run(program, args, { timeoutMs: 5000 });
    return result.code === 0 ? result.output.trim() : '';
  } catch (error) {
    if (error instanceof ProgramMissing) return '';
    throw error;
  }
}
