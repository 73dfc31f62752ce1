import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../../cli/process/until.ts';
import { startPlane, type Plane } from './support/plane.ts';

let plane: Plane;
beforeAll(async () => {
  plane = await startPlane(['host']);
});
afterAll(() => plane.stop());

test('/metrics of a compute host shows the process and what the Temporal SDK measures', async () => {
  const text = await until(async () => {
    const page = await plane.metrics('host');
    return page.includes('temporal_worker_task_slots_available') && page;
  }, 20_000);
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).toContain('worker_type="ActivityWorker"');
});
