/** The page docs/taskflow-parity.md as data. */

/** One line of a table: cells by the name of their column. */
export interface Row {
  readonly number: string;
  readonly task: string;
  readonly step: string;
  readonly undo: string;
  readonly proof: string;
}

/** A numbered heading and the table under it. */
export interface Section {
  /** `4.1`. */
  readonly number: string;
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Page {
  readonly sections: readonly Section[];
  /** The first column of the table of proofs: `P3 answer lost`. */
  readonly proofs: readonly string[];
}

const heading = /^(#{2,4}) (.*)$/m;

/** Throws when a table does not have the columns that it must. */
export function readPage(markdown: string): Page {
  const parts = markdown.split(/^(?=#{2,4} )/m);
  const sections = parts.flatMap((part) => {
    const [, number, title] = /^([\d.]+) (.*)$/.exec(heading.exec(part)?.[2] ?? '') ?? [];
    return number === undefined || title === undefined ? [] : [{ number, title, rows: cellsOf(part).map(rowOf) }];
  });
  const proofs = parts.find((part) => part.startsWith('## The proofs')) ?? '';
  return { sections, proofs: cellsOf(proofs).flatMap(([name = '']) => codeIn(name)) };
}

/** The cells of a table, without its header. */
function cellsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const columns = 7;

function rowOf(cells: readonly string[]): Row {
  if (cells.length !== columns) throw new Error(`a row needs ${columns} cells: ${cells.join(' | ')}`);
  const [number = '', task = '', , step = '', undo = '', proof = ''] = cells;
  return { number, task, step, undo, proof };
}

/** What stands in code font. */
export function codeIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? []);
}

/** The numbers of the sections that a text leads to. */
export function referencesIn(text: string): readonly string[] {
  return [...text.matchAll(/§(\d+(?:\.\d+)*)/g)].flatMap(([, number]) => number ?? []);
}
