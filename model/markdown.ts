/** Text of others inside the Markdown that the Temporal UI shows (CommonMark 0.31, sections 2.4 and 6.1). */

/** As much of a text as is shown unless told otherwise, code points. */
const longestText = 255;
const longestReason = 2000;

/** Line ends, and marks that turn the direction of what follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** Words with nothing between them that Markdown or its automatic links know. */
const plain = /^(?!.*www\.)[\p{L}\p{N}]+(?:[ ._-][\p{L}\p{N}]+)*…?$/iu;

function shortened(text: string, longest: number): string {
  const points = Array.from(text.replaceAll(unprintable, ' ').trim());
  return points.length <= longest ? points.join('') : `${points.slice(0, longest - 1).join('')}…`;
}

/** `text` as a code span, in which nothing is read as Markdown: its fence is longer than any run of backticks inside. */
export function code(text: string, longest = longestText): string {
  const content = shortened(text, longest);
  const runs = content.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  const space = content === '' || /^`|`$/.test(content) ? ' ' : '';
  return `${fence}${space}${content}${space}${fence}`;
}

/** Why something failed, in the words of drivers, agents and clouds: a code span of up to 2000 code points. */
export function quoted(text: string): string {
  return code(text, longestReason);
}

/** `text` as it is where it can only be read as words, else as a code span. */
export function words(text: string, longest = longestText): string {
  const content = shortened(text, longest);
  return plain.test(content) ? content : code(content);
}
