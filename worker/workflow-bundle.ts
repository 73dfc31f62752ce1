import { fileURLToPath } from 'node:url';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** The file that every workflow is exported from. */
export const workflowsPath = fileURLToPath(new URL(`../workflows/index.${extension}`, import.meta.url));

/** What stands around every workflow. */
export const workflowInterceptorModules: readonly string[] = [
  fileURLToPath(new URL(`../workflows/interceptors.${extension}`, import.meta.url)),
];

/** Where the build puts the bundle. */
export const bundlePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
