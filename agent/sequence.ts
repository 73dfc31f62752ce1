/**
 * Reads `weir-sequence=<n>`, the number of the operation that a configuration comes from; null when the text is something else.
 * The controller writes it where HAProxy and keepalived let it: a description, a comment.
 */
export function parseSequence(text: string): number | null {
  const digits = /^weir-sequence=(\d{1,15})$/.exec(text.trim())?.[1];
  return digits === undefined ? null : Number(digits);
}
