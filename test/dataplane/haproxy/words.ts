/** How HAProxy splits a line into words, written down from its manual (2.2, quoting and escaping), apart from the renderer. */

export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    if (quote === "'") {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '\\') {
      at += 1;
      word = (word ?? '') + (line[at] ?? '');
    } else if (quote === '"') {
      if (char === quote) quote = '';
      else if (char === '$') throw new Error('a variable is expanded');
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '#') break;
    else if (char === ' ' || char === '\t') {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== '') throw new Error('a quote is left open');
  if (word !== null) words.push(word);
  return words;
}
