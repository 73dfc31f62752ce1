/** Sections, lines and words of haproxy.cfg. Every word is quoted here, so that no value can end a word or a line (HAProxy's manual 2.2). */
import { UnrenderableValue } from '../grammar.ts';

export interface Section {
  /** `backend web`, or `global` alone. */
  readonly title: string;
  readonly lines: readonly string[];
}

const plain = /^[^\s\p{Cc}#\\"'$]+$/u;
const forbidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** One word of a line: as it is, or in double quotes with what is special there escaped. Throws UnrenderableValue for control characters. */
export function word(text: string): string {
  if (forbidden.test(text)) throw new UnrenderableValue('haproxy.cfg', 'a value holds a control character');
  return plain.test(text) ? text : `"${text.replace(/[\\"$]/g, String.raw`\$&`)}"`;
}

/** One line out of words; each argument becomes exactly one word, whatever is in it. */
export function line(...words: readonly (string | number)[]): string {
  return words.map((part) => word(String(part))).join(' ');
}

/** An argument of a sample fetch, `req.cook(<argument>)`: it has a quoting of its own inside that of words (HAProxy's manual 2.2). */
export function argument(text: string): string {
  return /^[^\s\\"',()]+$/.test(text) ? text : `"${text.replace(/[\\"]/g, String.raw`\$&`)}"`;
}

/** Text inside a log format, where a percent sign begins a variable (HAProxy's manual 8.2.4). */
export function inLogFormat(text: string): string {
  return text.replaceAll('%', '%%');
}

/** Sections as text, indented, an empty line between them. */
export function renderSections(comment: string, sections: readonly Section[]): string {
  const texts = sections.map(({ title, lines }) => [title, ...lines.map((text) => `    ${text}`)].join('\n'));
  return `# ${comment}\n${texts.join('\n\n')}\n`;
}
