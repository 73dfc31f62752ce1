/** What every compute driver does, wherever its amphorae run. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ComputeDriver } from '../../drivers/compute/contract.ts';
import { buildNetwork, buildPort, buildSpec } from './support/builders.ts';

export function computeConformance(name: string, openDriver: () => ComputeDriver): void {
  describe(`compute driver ${name}`, () => {
    let driver: ComputeDriver;
    beforeAll(() => {
      driver = openDriver();
    });

    it('boots an amphora that runs, has a management address and is listed', async () => {
      const id = await driver.boot(buildSpec());
      const state = await driver.state(id);
      expect(state).toMatchObject({ status: 'running', fault: null });
      expect(state.managementAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(await driver.list()).toContain(id);
      await driver.delete(id);
    });

    it('boots one amphora for one id, however often and however many ask', async () => {
      const spec = buildSpec();
      const first = await driver.boot(spec);
      const ids = await Promise.all([driver.boot(spec), driver.boot(spec)]);
      expect(ids).toEqual([first, first]);
      expect((await driver.list()).filter((id) => id === first)).toHaveLength(1);
      await driver.delete(first);
    });

    it('boots a pair at once as two amphorae', async () => {
      const ids = await Promise.all([driver.boot(buildSpec()), driver.boot(buildSpec())]);
      expect(new Set(ids).size).toBe(2);
      await Promise.all(ids.map((id) => driver.delete(id)));
    });

    it('attaches, refreshes and detaches a port, each twice with one effect', async () => {
      const port = buildPort(buildNetwork(), 5);
      const id = await driver.boot(buildSpec());
      await driver.attachPort(id, port);
      await driver.attachPort(id, port);
      await driver.refreshPort(id, port);
      await driver.refreshPort(id, port);
      await driver.detachPort(id, port.port.id);
      await driver.detachPort(id, port.port.id);
      expect((await driver.state(id)).status).toBe('running');
      await driver.delete(id);
    });

    it('deletes an amphora twice with one effect; then it is gone and not listed', async () => {
      const id = await driver.boot(buildSpec({ ports: [buildPort(buildNetwork(), 5)] }));
      await driver.delete(id);
      await driver.delete(id);
      expect(await driver.state(id)).toMatchObject({ status: 'gone', managementAddress: null });
      expect(await driver.list()).not.toContain(id);
    });

    it('boots an amphora again that was deleted', async () => {
      const spec = buildSpec();
      const id = await driver.boot(spec);
      await driver.delete(id);
      expect(await driver.boot(spec)).toBe(id);
      expect((await driver.state(id)).status).toBe('running');
      await driver.delete(id);
    });
  });
}
