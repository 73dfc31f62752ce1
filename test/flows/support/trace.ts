/** The steps of a flow as text, one a line, so that a review sees every step that comes or goes. */

/** Steps that run side by side begin in any order: a run of steps on amphorae is put in the order of the amphorae. */
export function traceOf(steps: readonly string[]): string {
  const lines: string[] = [];
  let sideBySide: string[] = [];
  const flush = (): void => {
    lines.push(...sideBySide.toSorted((one, other) => amphoraOf(one).localeCompare(amphoraOf(other))));
    sideBySide = [];
  };
  for (const step of steps) {
    if (amphoraOf(step) === '') {
      flush();
      lines.push(step);
    } else sideBySide.push(step);
  }
  flush();
  return `${lines.join('\n')}\n`;
}

function amphoraOf(step: string): string {
  return /\(((?:new|old) [a-z]+)/.exec(step)?.[1] ?? '';
}

/** The name of a scenario as a file's name. */
export function fileNameOf(name: string): string {
  return name.replaceAll(/[^A-Za-z_]+/g, '-');
}
