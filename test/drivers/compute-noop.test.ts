import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { noopCompute } from '../../drivers/compute/noop.ts';
import { buildSpec } from './support/builders.ts';
import { computeConformance } from './compute-conformance.ts';

computeConformance('noop', noopCompute);

describe('compute driver noop', () => {
  it('knows every id, with Octavia’s made-up management address', async () => {
    expect(await noopCompute().state(randomUUID())).toMatchObject({
      status: 'running',
      managementAddress: '192.0.2.1',
    });
  });

  it('gives the same compute id in every process', async () => {
    const spec = buildSpec();
    expect(await noopCompute().boot(spec)).toBe(await noopCompute().boot(spec));
  });
});
