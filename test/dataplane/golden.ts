/** Golden files: what a feature renders to. WEIR_UPDATE_GOLDEN=1 writes them anew; read the diff before it is committed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'golden');

/** What stands in a golden file, for `text` to be compared with. */
export function golden(name: string, text: string): string {
  const path = join(folder, name);
  if (process.env['WEIR_UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text);
  }
  return readFileSync(path, 'utf8');
}
