import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until the question is answered with true; what it throws counts as no. Throws after `limitMs` with the last reason. */
export async function eventually(what: string, question: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const reason = await question().then(
      (answer) => (answer ? null : 'no'),
      (error: unknown) => String(error),
    );
    if (reason === null) return;
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what} (${reason})`);
    await sleep(20);
  }
}
