import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { workflowInterceptorModules, workflowsPath } from '../../worker/workflow-bundle.ts';

const folder = fileURLToPath(new URL('../flows/histories/', import.meta.url));

test('saved histories replay with the interceptors that hand traces on', async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, shutdownSignals: [] });
  const modules = { workflowInterceptorModules: [...workflowInterceptorModules] };
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, ...modules, logger });
  const results: [string, unknown][] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, saved()))
    results.push([workflowId, error]);
  expect(results.length).toBeGreaterThan(10);
  expect(results.filter(([, error]) => error !== undefined)).toEqual([]);
}, 300_000);

/** The histories, each under the name of its file. */
async function* saved(): AsyncGenerator<{ workflowId: string; history: History }> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue;
    yield { workflowId: name, history: historyFromJSON(JSON.parse(await readFile(folder + name, 'utf8'))) };
  }
}
