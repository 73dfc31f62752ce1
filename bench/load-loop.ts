/** A process that asks one URL over and over and writes how many answers a second it got: `load-loop URL PROJECT CONNECTIONS SECONDS`. */
import { Pool } from 'undici';

const [url = '', projectId = '', connections = '1', seconds = '1'] = process.argv.slice(2);
const { origin, pathname, search } = new URL(url);
const pool = new Pool(origin, { connections: Number(connections) });
const end = performance.now() + Number(seconds) * 1000;
let answers = 0;

async function ask(): Promise<void> {
  while (performance.now() < end) {
    const { statusCode, body } = await pool.request({
      method: 'GET',
      path: pathname + search,
      headers: { 'x-project-id': projectId },
    });
    await body.dump();
    if (statusCode !== 200) throw new Error(`GET ${url}: ${statusCode}`);
    answers += 1;
  }
}

await Promise.all(Array.from({ length: Number(connections) }, ask));
await pool.close();
process.stdout.write(String(answers / Number(seconds)));
