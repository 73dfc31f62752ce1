/** Builds the workflow bundle at build time, so that a worker starts without webpack: `node dist/worker/bundle.js`. */
import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundlePath, workflowInterceptorModules, workflowsPath } from './workflow-bundle.ts';

const { code } = await bundleWorkflowCode({
  workflowsPath,
  workflowInterceptorModules: [...workflowInterceptorModules],
  logger: new DefaultLogger('WARN'),
});
await writeFile(bundlePath, code);
