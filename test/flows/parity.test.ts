/** docs/taskflow-parity.md, read against Octavia's tasks, the flows, their undos, the proofs and the scenarios. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCode, type Code } from './support/parity/code.ts';
import { findings } from './support/parity/findings.ts';
import { readPage } from './support/parity/page.ts';

let code: Code;
let text: string;
beforeAll(async () => {
  [code, text] = await Promise.all([
    readCode(),
    readFile(new URL('../../docs/taskflow-parity.md', import.meta.url), 'utf8'),
  ]);
});

test('the parity page says what the code does, and leaves nothing out', () => {
  expect(findings(readPage(text), code)).toEqual([]);
});

/** Without the first line that holds a text. */
const withoutLine = (part: string) => (page: string) => {
  const lines = page.split('\n');
  return lines.toSpliced(
    lines.findIndex((line) => line.includes(part)),
    1,
  );
};
const replaced = (part: string, by: string) => (page: string) => page.replace(part, by).split('\n');
const everywhere = (part: string, by: string) => (page: string) => page.replaceAll(part, by).split('\n');

describe('a page is found out that', () => {
  const lies: Readonly<Record<string, readonly [(page: string) => readonly string[], string]>> = {
    'leaves out a task': [withoutLine('`UpdateAmphoraInfo`'), "3.1: Octavia's UpdateAmphoraInfo is missing"],
    'makes up a task': [replaced('`ComputeWait`', '`ComputeNap`'), '3.1: Octavia has no ComputeNap there'],
    'leaves out a step everywhere': [everywhere('`plugMemberNetwork`', 'it'), 'plugMemberNetwork is in no table'],
    'leaves out a step of one flow': [
      everywhere('| §3.6 |', '| — not built: it |'),
      '5.3.1: createMember calls planMemberNetworks too',
    ],
    'names a step that is not there': [replaced('`awaitAgent`', '`awaitGodot`'), 'there is no activity awaitGodot'],
    'gives an undo to a step that has none': [
      replaced('| none needed: it makes nothing |', '| `plugVip` |'),
      'plugVip is the undo of nothing',
    ],
    'gives an undo to a step that has it in other flows only': [
      replaced(
        '| `deleteCompute`, `deleteAmphoraPorts` | P3, P4, P5, P6 `fail',
        '| `detachMemberPort` | P3, P4, P5, P6 `fail',
      ),
      '3.5, row 10: no scenario there takes back with detachMemberPort',
    ],
    'has a step that no scenario of its row shows': [
      everywhere('P2, P3, P5 `createListener, SINGLE`', 'P2, P3, P5 `createPool, SINGLE`'),
      '5.1.1, row 3: no scenario there calls secureVip',
    ],
    'leads to a section of which no scenario of its row does anything': [
      everywhere('`updateMember, whose network is missing`', '`updateMember, SINGLE`'),
      '5.3.2, row 3: no scenario there does anything of §3.6',
    ],
    'leaves out an undo': [everywhere('`releaseVip`', 'nothing'), 'releaseVip is an undo, and in no table as one'],
    'gives no reason why there is no step': [replaced('— not built: quotas', '—'), 'nor the reason why there is none'],
    'has no proof and no reason': [replaced('| none: there is no step |', '| |'), 'neither a proof nor the reason'],
    'names a proof that is not made': [replaced('P3, P4, P5, P6', 'P3, P4, P5, P66'), 'there is no proof P66'],
    'does not explain a proof': [withoutLine('`P7 cancelled`'), 'the proof "P7 cancelled" is not explained'],
    'names a scenario that is not there': [
      everywhere('`updatePool, SINGLE`', '`updatePool, DOUBLE`'),
      'there is no scenario "updatePool, DOUBLE"',
    ],
    'names a test that is not there': [
      everywhere('`test/flows/build-queue.test.ts`', '`test/flows/queue.test.ts`'),
      'there is no test/flows/queue.test.ts',
    ],
    'leaves out a scenario': [
      everywhere('`failoverAmphora, STANDALONE, dead`', '`failoverAmphora, MASTER, dead`'),
      '4.5: the scenario "failoverAmphora, STANDALONE, dead" is missing',
    ],
    'has no table for a flow': [replaced(': `batchUpdateMembers`', ''), 'batchUpdateMembers has no table'],
  };

  test.each(Object.entries(lies))('%s', (_, [told, finding]) => {
    const page = told(text).join('\n');
    expect(page).not.toBe(text);
    expect(findings(readPage(page), code).join('\n')).toContain(finding);
  });
});
