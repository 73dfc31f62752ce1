import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { prettyFactory } from 'pino-pretty';

const rotateAtBytes = 20_000_000;

/** Where lines of a process go: as they are into a file, readable onto the terminal. */
export interface LogSink {
  line(text: string): void;
  close(): void;
}

/** Opens <logs>/<name>.log; one older file is kept. The terminal gets the lines too unless `quiet`. */
export function openLog(logs: string, name: string, quiet: boolean, terminal: (line: string) => void): LogSink {
  const path = join(logs, `${name}.log`);
  let file = openFile(path);
  let size = 0;
  const pretty = readable(name);
  return {
    line(text) {
      if (size > rotateAtBytes) {
        file.end();
        file = openFile(path);
        size = 0;
      }
      size += text.length + 1;
      file.write(`${text}\n`);
      if (!quiet) terminal(pretty(text));
    },
    close: () => void file.end(),
  };
}

function openFile(path: string): WriteStream {
  if (existsSync(path) && statSync(path).size > rotateAtBytes / 2) renameSync(path, `${path}.1`);
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  // A full disk must not end the control plane; the lines still reach the terminal.
  file.on('error', () => undefined);
  return file;
}

/** One line as people read it: process, time, level, message; a line that is not JSON stays as it is. Stacks stay in the file. */
function readable(name: string): (line: string) => string {
  const format = prettyFactory({
    colorize: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'pid,hostname,name,err,error',
    singleLine: true,
  });
  return (line) => `${name.padEnd(8)} ${line.startsWith('{') ? format(line).trimEnd() + reasonOf(line) : line}`;
}

function reasonOf(line: string): string {
  try {
    const { err } = JSON.parse(line) as { err?: { message?: string } };
    return err?.message === undefined ? '' : `: ${err.message.split('\n')[0]}`;
  } catch {
    return '';
  }
}
