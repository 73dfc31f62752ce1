/** What a failed program (an error of execFile) said last on standard error, rather than its long command. */
export function lastLine(error: unknown): string {
  const stderr = (error as { stderr?: string }).stderr?.trim() ?? '';
  return (stderr === '' ? String(error) : stderr).split('\n').at(-1) ?? '';
}
