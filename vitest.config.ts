import { defineConfig } from 'vitest/config';

/** Tests that run when they are named: they take many minutes, and say nothing of a change that leaves the flows alone. */
const onRequest = ['mutation-undo'];

const matching = (path: string): string => `test/${path}**`;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: onRequest.filter((path) => !process.argv.some((argument) => argument.includes(path))).map(matching),
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Tests measure how long real keepalived and HAProxy take; beside a busy file they would measure that file.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
