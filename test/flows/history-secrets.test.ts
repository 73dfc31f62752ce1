/** What a workflow is given, says and fails with stays in Temporal for weeks, where everyone with its UI reads it. */
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { folder } from './support/record.ts';

/** Of certificates, keys and passwords, and what stands for them in the simulated world (support/world.ts, support/cloud.ts). */
const secrets =
  /-----BEGIN|PRIVATE KEY|pem of |client pem|trust bundle|sealed |password|secret|auth_pass|heartbeat_?key/gi;

/** Payloads are base64 in a history (Temporal's Payload, `data`). */
function secretsIn(history: string): readonly string[] {
  const payloads = Array.from(history.matchAll(/"data": ?"([^"]+)"/g), ([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
  return [history, ...payloads].flatMap((text) => Array.from(text.matchAll(secrets), ([secret]) => secret));
}

test('no saved history holds a secret', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(200);
  const found = await Promise.all(
    names.map(async (name) => secretsIn(await readFile(folder + name, 'utf8')).map((secret) => `${name}: ${secret}`)),
  );
  expect(found.flat()).toEqual([]);
});

test('a history is found out that holds one, in the open or as a payload', () => {
  const data = Buffer.from(JSON.stringify({ serverPem: 'pem of 7' })).toString('base64');
  expect(secretsIn(`{ "payloads": [{ "data": "${data}" }] }`)).toEqual(['pem of ']);
  expect(secretsIn('{ "message": "cannot read -----BEGIN RSA PRIVATE KEY-----" }')).toHaveLength(2);
});
