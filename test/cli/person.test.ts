import { hostname, userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { personHere } from '../../cli/process/person.ts';

it('a person is recorded by name and machine', () => {
  expect(personHere()).toBe(`${userInfo().username}@${hostname()}`);
});

it('a person whom the machine has no name for is recorded by number', () => {
  const noEntry = (): never => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)');
  };
  expect(personHere(noEntry)).toBe(`uid ${process.getuid?.()}@${hostname()}`);
});
