/** Blocks and lines of keepalived.conf. It has no quoting to rely on: every value must have passed a grammar before it comes here. */

export type Node = string | Block;

export interface Block {
  readonly title: string;
  readonly body: readonly Node[];
}

export function block(title: string, body: readonly Node[]): Block {
  return { title, body };
}

function linesOf(node: Node, depth: number): readonly string[] {
  const indent = ' '.repeat(4 * depth);
  if (typeof node === 'string') return [`${indent}${node}`];
  const inner = node.body.flatMap((child) => linesOf(child, depth + 1));
  return [`${indent}${node.title} {`, ...inner, `${indent}}`];
}

export function renderBlocks(blocks: readonly Block[]): string {
  return blocks.map((each) => `${linesOf(each, 0).join('\n')}\n`).join('\n');
}
