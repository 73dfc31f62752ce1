/** An error whose message is all that the person needs: it names what is wrong and how to mend it. */
export class PlainError extends Error {}

/** One line for standard error; the stack too when everything is logged. Passwords in URLs are left out. */
export function fatalText(error: unknown, verbose: boolean): string {
  const message = error instanceof Error ? messageOf(error) : String(error);
  const stack = verbose && error instanceof Error ? `\n${error.stack}` : '';
  return withoutPasswords(`weir: ${message.split('\n')[0]}${stack}`);
}

/** Some errors (a refused connection to several addresses) carry their reason only inside. */
export function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((inner: unknown) => (inner instanceof Error ? inner.message : String(inner))).join('; ');
  }
  return error.message === '' ? error.name : error.message;
}

function withoutPasswords(text: string): string {
  return text.replaceAll(/(\w+:\/\/[^:/@\s]*):[^@\s]*@/g, '$1:***@');
}
