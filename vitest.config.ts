import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // It proves the proofs, takes minutes, and says nothing of a change that leaves the flows alone.
    exclude: process.argv.some((argument) => argument.includes('mutation-undo')) ? [] : ['test/mutation-undo/**'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // Tests measure how long real keepalived and HAProxy take; beside a busy file they would measure that file.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
