import { describe, expect, it } from 'vitest';
import { failures, type CreationAnswer } from '../../model/failures.ts';

const preamble = `# How a flow fails

An operation that failed keeps the chain of causes of its failure; each cause has a type. These are the types, who names them, and
whether the step that failed was tried again before its flow gave up ([settings.md](settings.md) says how often); empty where
another cause of the chain says it. The last column is what \`POST /v2/lbaas/loadbalancers\` answers when a flow fails like this
before its VIP is there; later, and for every other request, the answer was a 202 long before. This file is made from \`model/failures.ts\`: \`npx vitest run test/docs --update\`.
`;

const answers: Readonly<Record<CreationAnswer, string>> = {
  'in use': '409, The VIP IP address is already in use',
  conflict: '409',
  'not found': '404',
  'provider error': '500, Provider reports error',
};

const spokenRetry = (retryable: boolean | null): string => {
  if (retryable === null) return '';
  return retryable ? 'tried again' : 'final';
};

function page(): string {
  const rows = Object.entries(failures).map(
    ([type, { by, retryable, meaning, creation }]) =>
      `| \`${type}\` | ${by} | ${spokenRetry(retryable)} | ${meaning} | ${answers[creation]} |`,
  );
  return [
    preamble,
    '| type | named by | | meaning | creation answers |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

describe('docs/failures.md', () => {
  it('lists every type of failure that a flow can end with', async () => {
    await expect(page()).toMatchFileSnapshot('../../docs/failures.md');
  });
});
