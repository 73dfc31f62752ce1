/** Every undo of every flow, each with the sources of the flows as they would be without it. */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type CallExpression, type Expression, type Module } from '@swc/core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stepKinds: ReadonlySet<string> = new Set([
  'database',
  'network',
  'compute',
  'boot',
  'agentWait',
  'amphora',
  'amphoraFailover',
]);

/** The undo that is given to one step in the sources. */
export interface UndoSite {
  /** Relative to the repository. */
  readonly file: string;
  readonly line: number;
  /** The activity that it calls. */
  readonly activity: string;
  /** Where its text begins and ends in the file, with the comma before it. */
  readonly from: number;
  readonly to: number;
}

/** Finds the third argument of each call of a step. */
export async function undoSites(): Promise<readonly UndoSite[]> {
  const entries = await readdir(join(root, 'workflows'), { recursive: true });
  const files = entries.filter((name) => name.endsWith('.ts')).map((name) => join('workflows', name));
  return (await Promise.all(files.map(sitesOf))).flat();
}

async function sitesOf(file: string): Promise<readonly UndoSite[]> {
  const source = await readFile(join(root, file));
  const module = await parse(source.toString(), { syntax: 'typescript', target: 'es2022' });
  const offset = offsetOf(module, source);
  return stepCalls(module).flatMap((call) => {
    const [, run, undo] = call.arguments;
    if (run === undefined || undo === undefined) return [];
    const from = endOf(run.expression) - offset;
    const to = endOf(undo.expression) - offset;
    const text = source.subarray(from, to).toString();
    const activity = /\ba\.(\w+)\(/.exec(text)?.[1] ?? '';
    return [{ file, line: source.subarray(0, from).toString().split('\n').length, activity, from, to }];
  });
}

/** The calls that end a replaced amphora, as a flow hands them to a clean-up when it cannot make them itself. */
export async function handedOverSites(): Promise<readonly UndoSite[]> {
  const file = 'workflows/amphora/removal.ts';
  const source = await readFile(join(root, file), 'utf8');
  return Array.from(
    source.matchAll(/^ *\{ name: '[^']+', activity: '(\w+)'.*\n/gm),
    ({ 0: text, 1: activity = '', index }) => {
      const from = Buffer.byteLength(source.slice(0, index));
      return {
        file,
        line: source.slice(0, index).split('\n').length,
        activity,
        from,
        to: from + Buffer.byteLength(text),
      };
    },
  );
}

function endOf(expression: Expression): number {
  if (!('span' in expression)) throw new Error(`a step cannot be given a ${expression.type}`);
  return expression.span.end;
}

/** swc counts bytes from where its process began to read: the module begins at its first token, which may follow a comment. */
function offsetOf(module: Module, source: Buffer): number {
  const [first] = module.body;
  const at = source.toString().search(/^(import|export) /m);
  return (first?.span.start ?? 0) - Buffer.byteLength(source.toString().slice(0, at));
}

function stepCalls(node: unknown): readonly CallExpression[] {
  if (typeof node !== 'object' || node === null) return [];
  const inside = Object.values(node).flatMap((value) => stepCalls(value));
  return isStepCall(node) ? [node, ...inside] : inside;
}

function isStepCall(node: object): node is CallExpression {
  if (!('type' in node) || node.type !== 'CallExpression') return false;
  const { callee } = node as CallExpression;
  return (
    callee.type === 'MemberExpression' && callee.property.type === 'Identifier' && stepKinds.has(callee.property.value)
  );
}

/** Writes the flows without one undo into `folder`, and returns the file to bundle. */
export async function withoutUndo({ file, from, to }: UndoSite, folder: string): Promise<string> {
  for (const room of ['workflows', 'model', 'activities'])
    await cp(join(root, room), join(folder, room), { recursive: true });
  const source = await readFile(join(root, file));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), Buffer.concat([source.subarray(0, from), source.subarray(to)]));
  return join(folder, 'workflows/index.ts');
}

/** How a site is named in a report. */
export function placeOf({ file, line, activity }: UndoSite): string {
  return `${relative(root, join(root, file))}:${line} ${activity}`;
}
