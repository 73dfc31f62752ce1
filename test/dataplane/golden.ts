/** Golden files: what a feature renders to. WEIR_UPDATE_GOLDEN=1 writes them anew; read the diff before it is committed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

const folder = join(import.meta.dirname, 'golden');

export function expectGolden(name: string, text: string): void {
  const path = join(folder, name);
  if (process.env['WEIR_UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, text);
  }
  expect(text).toBe(readFileSync(path, 'utf8'));
}
