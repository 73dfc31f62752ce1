import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { createLogger, type Logger } from '../../config/log.ts';

/** The line that a logger writes, and what is in it. */
function logged(log: (logger: Logger) => void): { readonly text: string; readonly line: Record<string, unknown> } {
  const lines: string[] = [];
  log(createLogger('test', 'info', { write: (line) => void lines.push(line) }));
  const text = lines.join('');
  return { text, line: JSON.parse(text) as Record<string, unknown> };
}

/** As PostgreSQL answers an insert that misses a value. */
function refusedRow(): DatabaseError {
  const error = new DatabaseError('null value in column "vrrp_id" violates not-null constraint', 100, 'error');
  return Object.assign(error, { code: '23502', detail: 'Failing row contains (7, hunter2).', table: 'vrrp_group' });
}

test('the row that PostgreSQL refused never reaches the log, what was wrong with it does', () => {
  const { text, line } = logged((log) => log.error({ err: refusedRow() }, 'not written'));
  expect(text).not.toContain('hunter2');
  expect(line['err']).toMatchObject({
    message: 'null value in column "vrrp_id" violates not-null constraint',
    code: '23502',
    stack: expect.stringContaining('log.test.ts') as string,
  });
});

test('the causes of an error are logged as it is', () => {
  const error = new Error('the step failed', { cause: new Error('the driver failed', { cause: refusedRow() }) });
  const { text, line } = logged((log) => log.error({ err: error }));
  expect(text).not.toContain('hunter2');
  expect(line['err']).toMatchObject({
    message: 'the step failed',
    cause: { message: 'the driver failed', cause: { code: '23502' } },
  });
});

test('an error that is its own cause is logged, too', () => {
  const error = new Error('round and round');
  error.cause = error;
  expect(logged((log) => log.error({ err: error })).line['err']).toMatchObject({ message: 'round and round' });
});

test('what was thrown and is no error is logged as text', () => {
  expect(logged((log) => log.error({ err: 'gone' })).line['err']).toEqual({ type: 'string', message: 'gone' });
});

test.each(['authorization', 'cookie', 'x-auth-token'])('the header %s is not logged, alone or in an object', (name) => {
  const secret = { [name]: 'hunter2' };
  expect(logged((log) => log.info(secret)).text).not.toContain('hunter2');
  expect(logged((log) => log.info({ headers: secret })).text).not.toContain('hunter2');
});

test.each(['pem', 'serverPem', 'heartbeatKey', 'password'])('%s of an object is not logged', (name) => {
  expect(logged((log) => log.info({ amphora: { [name]: 'hunter2' } })).text).not.toContain('hunter2');
});
