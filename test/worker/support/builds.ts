import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { installationRoot } from '../../../config/installation.ts';

const workflows = join(installationRoot(), 'workflows');

/** A step on a host's queue, and one whose clean-up flow outlives it. */
const probes = `
import { flow } from '${workflows}/flow.ts';
import { detach } from '${workflows}/clean-up/detach.ts';
export function visitHost(input) {
  return flow(input, 'done', async (step) => {
    await step.amphora('push configuration', (a) => a.applyListeners('', 1));
    await step.on(input.arguments.host).compute('delete machine', (a) => a.deleteMachine(''));
  });
}
export async function leaveBehind() {
  await detach([{ name: 'push configuration', activity: 'applyListeners', args: [] }], 'a test', new Error('a test'));
}
`;

const update = (first: string): string => `
import { patched } from '@temporalio/workflow';
import { flow } from '${workflows}/flow.ts';
export function updateMember(input) {
  return flow(input, 'mark member active', async (step) => {
    ${first}
    await step.amphora('push configuration', (a) => a.applyListeners('', 1));
  });
}
`;
const lookFirst = `await step.network('look first', (a) => a.secureVip(''));`;

/**
 * updateMember as it is; with a step more, as `patched` lets old runs go on without it; and with that step for all, so that no
 * history of the others replays.
 */
const updates = {
  real: `export { updateMember } from '${workflows}/member/update.ts';`,
  patched: update(`if (patched('look-first')) ${lookFirst}`),
  incompatible: update(lookFirst),
} as const;
export type Flows = keyof typeof updates;

/** Weir's flows with one of these updateMember, and two flows for tests. */
export async function bundleFlows(flows: Flows): Promise<WorkflowBundleWithSourceMap> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-flows-'));
  try {
    await symlink(join(installationRoot(), 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'probes.ts'), probes);
    await writeFile(join(folder, 'update.ts'), updates[flows]);
    const workflowsPath = join(folder, 'index.ts');
    await writeFile(
      workflowsPath,
      `export { cleanUp } from '${workflows}/index.ts';
export { visitHost, leaveBehind } from './probes.ts';
export { updateMember } from './update.ts';`,
    );
    return await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  } finally {
    await rm(folder, { recursive: true });
  }
}
