/** Values as Python's `str()` prints them: Octavia's error texts quote what was sent in that form. */

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return `${quote}${quote === "'" ? escaped.replaceAll("'", "\\'") : escaped}${quote}`;
}

/** Deeper than any valid request; what lies below is not quoted. */
const maxDepth = 20;

/** `repr()` of a JSON value. */
function represent(value: unknown, depth = 0): string {
  if (depth > maxDepth) return '...';
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map((item) => represent(item, depth + 1)).join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value)
      .map(([key, item]) => `${quoted(key)}: ${represent(item, depth + 1)}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** `str()` of a JSON value: text as it stands, everything else as `repr()`. */
export function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : represent(value);
}
