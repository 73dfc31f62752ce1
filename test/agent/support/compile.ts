import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Compiles the agent as it is deployed, and returns the path of its main module: namespaces need a process of their own. */
export function compileAgent(): string {
  execFileSync('node_modules/.bin/tsc', ['-p', 'test/agent/support/tsconfig.json'], { cwd: root });
  return `${root}dist/agent-under-test/agent/main.js`;
}
