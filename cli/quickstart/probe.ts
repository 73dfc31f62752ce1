/** Requests to the VIP, as clients send them. */
import { request } from 'node:http';

/** What the VIP answered, or undefined when it did not within `limitMs`. Each request has a connection of its own. */
export function ask(address: string, limitMs: number, port = 80): Promise<string | undefined> {
  return new Promise((resolve) => {
    const options = { host: address, port, agent: false, signal: AbortSignal.timeout(limitMs) };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () =>
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString().trim() : undefined),
      );
    });
    sent.on('error', () => resolve(undefined));
    sent.end();
  });
}

const everyMs = 20;
const timeoutMs = 250;

export interface Probe {
  /** When the last of the requests that were answered was sent (performance.now()). */
  lastAnswered(): number;
  /** The longest time without an answer since the probe started, ms. */
  longestSilence(): number;
  counts(): { readonly answered: number; readonly unanswered: number };
  stop(): void;
}

/** Asks every 20 ms, whether or not the requests before were answered. */
export function startProbe(address: string): Probe {
  let last = performance.now();
  let lastAnswered = 0;
  let longest = 0;
  let answered = 0;
  let unanswered = 0;
  const once = async (): Promise<void> => {
    const sentAt = performance.now();
    const answer = await ask(address, timeoutMs);
    if (answer === undefined) {
      unanswered += 1;
      return;
    }
    answered += 1;
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    lastAnswered = Math.max(lastAnswered, sentAt);
  };
  const timer = setInterval(() => void once(), everyMs);
  return {
    lastAnswered: () => lastAnswered,
    longestSilence: () => Math.max(longest, performance.now() - last),
    counts: () => ({ answered, unanswered }),
    stop: () => clearInterval(timer),
  };
}
