/** Builds the workflow bundle at build time, so that a worker starts without webpack: `node dist/worker/bundle.js`. */
import { writeFile } from 'node:fs/promises';
import { bundlePath, bundleSources } from './workflow-bundle.ts';

const { code } = await bundleSources();
await writeFile(bundlePath, code);
