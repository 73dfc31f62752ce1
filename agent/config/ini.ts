/** Sections of an oslo.config file: section name → option name → value. Options before any section are in `DEFAULT`. */
export type IniSections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Parses the INI dialect of oslo.config: `key = value` or `key: value`, comments with `#` or `;` at the start of a line,
 * and values that go on in indented lines (oslo.config: iniparser.py). Throws an Error that names the line it cannot read.
 */
export function parseIni(text: string): IniSections {
  const sections = new Map<string, Map<string, string>>();
  let section = 'DEFAULT';
  let lastKey: string | null = null;
  const optionsOf = (name: string): Map<string, string> => {
    const options = sections.get(name) ?? new Map<string, string>();
    sections.set(name, options);
    return options;
  };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) {
      lastKey = null;
    } else if (/^\s/.test(line) && lastKey !== null) {
      const options = optionsOf(section);
      options.set(lastKey, `${options.get(lastKey) ?? ''}\n${content}`);
    } else if (content.startsWith('[')) {
      section = sectionName(content, index + 1);
      lastKey = null;
    } else {
      const [key, value] = option(content, index + 1);
      optionsOf(section).set(key, value);
      lastKey = key;
    }
  }
  return sections;
}

function sectionName(content: string, line: number): string {
  const name = /^\[([^\]]+)\]$/.exec(content)?.[1];
  if (name === undefined) throw new Error(`line ${line}: a section is written [name]`);
  return name;
}

function option(content: string, line: number): [string, string] {
  const match = /^([^:=]+?)\s*[:=]\s*(.*)$/.exec(content);
  const [, key, value] = match ?? [];
  if (key === undefined || value === undefined) throw new Error(`line ${line}: an option is written key = value`);
  return [key, unquote(value)];
}

function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted?.[2] ?? value;
}
