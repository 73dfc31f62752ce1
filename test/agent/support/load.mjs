// Asks argv[2] over new connections, argv[3] at a time, each for argv[4] ms at most, until standard input ends; then prints one
// line of JSON.
import { get } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const [, , url, width, timeoutMs] = process.argv;
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
const stopping = new AbortController();
let answered = 0;
let longestGapMs = 0;
let lastAnswer = 0;
const failures = [];

const once = () =>
  new Promise((resolve) => {
    const fail = (error) => {
      failures.push(`${Math.round(performance.now())}: ${error}`);
      setTimeout(resolve, 5);
    };
    const request = get(url, { agent: false, timeout: Number(timeoutMs) }, (response) => {
      response.resume();
      response.on('error', fail);
      response.on('end', () => {
        if (response.statusCode !== 200) return fail(`status ${response.statusCode}`);
        if (answered === 0) console.log('answered');
        else longestGapMs = Math.max(longestGapMs, performance.now() - lastAnswer);
        answered += 1;
        lastAnswer = performance.now();
        setTimeout(resolve, 2);
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', fail);
  });

process.stdin.resume();
process.stdin.on('end', () => {
  // Requests that wait for a dead address may all be given up before one is answered: their wait counts too.
  if (answered > 0) longestGapMs = Math.max(longestGapMs, performance.now() - lastAnswer);
  stopping.abort();
});

await Promise.all(
  Array.from({ length: Number(width) }, async () => {
    while (!stopping.signal.aborted) await once();
  }),
);
const latenessMs = delay.max / 1e6;
console.log(JSON.stringify({ answered, failures: failures.slice(0, 20), longestGapMs, latenessMs }));
