/** What an operator reads in the Temporal UI who does not know the code. */
import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCloud, type Cloud } from './support/cloud.ts';
import { requestLoadBalancer } from './support/operations.ts';
import { folder } from './support/record.ts';
import { start } from './support/run.ts';

interface Event {
  readonly eventType: string;
  readonly userMetadata?: { readonly summary?: { readonly data: string } };
  readonly markerRecordedEventAttributes?: { readonly markerName: string };
}

/** What the UI shows as a line of its own: steps and clean-ups. A patch and what it notes are Temporal's. */
const isShown = ({ eventType, markerRecordedEventAttributes: marker }: Event): boolean =>
  ['ACTIVITY_TASK_SCHEDULED', 'START_CHILD_WORKFLOW_EXECUTION_INITIATED'].some(
    (type) => eventType === `EVENT_TYPE_${type}`,
  ) || marker?.markerName === 'core_local_activity';

/** The name of a function is one word. */
const isSaid = (summary: string): boolean => /\S \S/.test(summary);

test('every step and every clean-up in a history says in words what it is', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.v5.json'));
  expect(names.length).toBeGreaterThan(50);
  const unsaid = await Promise.all(
    names.map(async (name) => {
      const { events } = JSON.parse(await readFile(folder + name, 'utf8')) as { readonly events: readonly Event[] };
      return events.filter(isShown).flatMap(({ eventType, userMetadata }) => {
        const encoded = userMetadata?.summary?.data ?? '';
        const summary = encoded === '' ? '' : String(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')));
        return isSaid(summary) ? [] : [`${name}: ${eventType} "${summary}"`];
      });
    }),
  );
  expect(unsaid.flat()).toEqual([]);
});

describe('the details of a workflow say', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud();
  });
  afterAll(() => cloud.stop());

  async function creation(mode: 'hold' | 'before') {
    const operation = await requestLoadBalancer(cloud.database.db, await cloud.newSubnet());
    const flow = await start(cloud, operation, { fault: { step: 'awaitAgent(new standalone)', mode } });
    const handle = cloud.client.workflow.getHandle(flow.workflowId);
    const details = async (): Promise<string | undefined> =>
      (await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata')).currentDetails;
    return { ...flow, details };
  }

  test('which step is under way, and when it is done', async () => {
    const { injector, ended, details } = await creation('hold');
    await injector.held;
    expect(await details()).toBe('**wait for agent of standalone**');
    injector.letGo();
    await ended();
    expect(await details()).toBe('**done**');
  });

  test('why it failed', async () => {
    const { ended, details } = await creation('before');
    await ended();
    expect(await details()).toMatch(/^\*\*failed\*\*: .*injected into awaitAgent/);
  });
});
