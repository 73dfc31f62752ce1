import { expect, it } from 'vitest';
import { runBench } from '../../bench/main.ts';
import { defaultSettings } from '../../config/settings.ts';

it.each(['nothing', 'toString'])('weir bench %s is refused, with the measurements that there are', async (name) => {
  await expect(runBench([name], defaultSettings)).rejects.toThrow(`${name}: no such measurement; there are create, `);
});
