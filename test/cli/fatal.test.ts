import { describe, expect, it } from 'vitest';
import { fatalText } from '../../cli/fatal.ts';

describe('a fatal error', () => {
  it('is one line without a stack', () => {
    expect(fatalText(new Error('no room\nat somewhere'), false)).toBe('weir: no room');
  });

  it('has its stack when everything is logged', () => {
    expect(fatalText(new Error('no room'), true)).toContain('fatal.test.ts');
  });

  it('shows the reasons inside an error that says nothing itself', () => {
    const refused = new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('connect EACCES')], '');
    expect(fatalText(refused, false)).toBe('weir: connect ECONNREFUSED ::1:5432; connect EACCES');
  });

  it('never shows the password of a URL', () => {
    const error = new Error('cannot reach postgres://weir:s3cret@db:5432/weir');
    expect(fatalText(error, true)).not.toContain('s3cret');
    expect(fatalText(error, false)).toBe('weir: cannot reach postgres://weir:***@db:5432/weir');
  });
});
