/** A member of the quickstart's pool: answers every request with its own name. Arguments: name, port. */
import { createServer } from 'node:http';

const [, , name = '', port = ''] = process.argv;

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' }).end(`${name}\n`);
}).listen(Number(port));
