/** The real programs that read what is rendered. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Verdict {
  readonly accepted: boolean;
  readonly output: string;
}

function judge(text: string, command: (file: string) => readonly [string, readonly string[]]): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'weir-dataplane-'));
  try {
    const file = join(folder, 'configuration');
    writeFileSync(file, text);
    const [program, args] = command(file);
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
    if (error !== undefined) throw error;
    return { accepted: status === 0, output: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `haproxy -c`, as the agent runs it. */
export function haproxyAccepts(text: string, peerName: string): Verdict {
  return judge(text, (file) => ['haproxy', ['-c', '-L', peerName, '-f', file]]);
}

/** `keepalived -t`. */
export function keepalivedAccepts(text: string): Verdict {
  return judge(text, (file) => ['keepalived', ['-t', '-f', file]]);
}
