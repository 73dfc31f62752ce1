import { describe, expect, it } from 'vitest';
import { settingTable } from '../../config/settings.ts';

type Value = string | number | boolean;

interface Row {
  readonly env: string;
  readonly default: Value;
  readonly meaning: string;
  readonly secret?: true;
}

const preamble = `# Settings

Every process reads its settings from the environment; each verb takes some of them as options too (\`weir VERB --help\` says
which), and an option wins. Give those marked *secret* in the environment: everyone on a machine can read the
arguments of a process. Octavia's own names stand in parentheses. This file is made from \`config/settings.ts\`: \`npx vitest run test/docs --update\`.
`;

/** Defaults that depend on who asks. */
const homes: Readonly<Record<string, string>> = {
  WEIR_STATE_DIR: '`/var/lib/weir`; `~/.local/state/weir` when not root',
  WEIR_CACHE_DIR: '`/var/cache/weir`; `~/.cache/weir` when not root',
};

function rowText(row: Row): string {
  const fallback = homes[row.env] ?? (row.default === '' ? '' : `\`${row.default}\``);
  const meaning = row.meaning.replaceAll('|', '\\|');
  return `| \`${row.env}\` | ${fallback} | ${meaning}${row.secret === true ? ' *secret*' : ''} |`;
}

function page(): string {
  const rows: readonly Row[] = Object.values(settingTable);
  return [preamble, '| variable | default | meaning |', '| --- | --- | --- |', ...rows.map(rowText), ''].join('\n');
}

describe('docs/settings.md', () => {
  it('lists every setting as the program reads it', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/settings.md');
  });
});
