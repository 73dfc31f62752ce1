import { existsSync } from 'node:fs';
import type { Logger } from '../log.ts';
import { run, runChecked } from '../process/run.ts';
import { addressesInUse } from './addresses-in-use.ts';
import type { InterfaceFile } from './file.ts';
import { amphoraNamespace, inNamespace } from './netns.ts';
import { planAddresses, planRoutes, planRules, type RouteInUse, type RuleInUse } from './plan.ts';

/** The kernel refused part of an interface's configuration. */
export class InterfaceFailed extends Error {
  constructor(name: string, output: string) {
    super(`Interface ${name}: ${output}`);
    this.name = 'InterfaceFailed';
  }
}

/**
 * Brings an interface of the namespace in line with its file; a second time changes nothing. Routes that the kernel
 * refuses (a tenant's host routes may be wrong) are only logged, as upstream does. Throws InterfaceFailed, ProgramFailed.
 */
export async function applyInterface(file: InterfaceFile, log: Logger): Promise<void> {
  const addresses = (await addressesInUse(file.name)).get(file.name) ?? [];
  require(file.name, await batch(planAddresses(file, addresses)));
  await automaticAddresses(file, log);
  // Read only now: with an address the kernel takes its routes away.
  const { routes, rules } = await routesInUse(file.name);
  const refusedRoutes = await batch(planRoutes(file, routes));
  if (refusedRoutes !== '') log.warn({ interface: file.name, refusedRoutes }, 'routes refused');
  require(file.name, await batch(planRules(file, rules)));
  for (const { command } of file.scripts.up) await runScript(command, log);
}

async function routesInUse(name: string): Promise<{ routes: readonly RouteInUse[]; rules: readonly RuleInUse[] }> {
  const ip = async (...args: string[]): Promise<unknown> =>
    JSON.parse((await runChecked('ip', ['-n', amphoraNamespace, '-j', ...args])).trim() || '[]');
  const routes = ['route', 'show', 'table', 'all', 'dev', name, 'proto', 'static'];
  const [routes4, routes6, rules4, rules6] = await Promise.all([
    ip('-4', ...routes),
    ip('-6', ...routes),
    ip('-4', 'rule', 'show'),
    ip('-6', 'rule', 'show'),
  ]);
  return {
    routes: [...(routes4 as RouteInUse[]), ...(routes6 as RouteInUse[])],
    rules: [...(rules4 as RuleInUse[]), ...(rules6 as RuleInUse[])],
  };
}

/** Runs lines for each address family and returns what was refused, other than what was there already. */
async function batch(lines: readonly string[]): Promise<string> {
  const isV6 = (line: string): boolean => / [0-9a-f]*:[0-9a-f:]*\/\d+/.test(line);
  const v4 = lines.filter((line) => !isV6(line));
  const v6 = lines.filter(isV6);
  return [await runBatch('-4', v4), await runBatch('-6', v6)].filter((output) => output !== '').join('; ');
}

async function runBatch(family: '-4' | '-6', lines: readonly string[]): Promise<string> {
  if (lines.length === 0) return '';
  const args = ['-n', amphoraNamespace, family, '-force', '-batch', '-'];
  const { output } = await run('ip', args, { input: `${lines.join('\n')}\n` });
  const messages = output.split('\n').filter((line) => line !== '' && !line.startsWith('Command failed'));
  return messages.filter((line) => !/File exists|already assigned/.test(line)).join('; ');
}

function require(name: string, refused: string): void {
  if (refused !== '') throw new InterfaceFailed(name, refused);
}

async function automaticAddresses(file: InterfaceFile, log: Logger): Promise<void> {
  const automatic = file.addresses.flatMap((entry) => ('address' in entry ? [] : [entry]));
  if (automatic.some(({ dhcp }) => dhcp === true)) await runIfThere('/sbin/dhclient', ['-nw', file.name], log);
  if (automatic.some(({ ipv6auto }) => ipv6auto === true)) {
    const settings = ['accept_ra=2', 'autoconf=1'].map((setting) => `net.ipv6.conf.${file.name}.${setting}`);
    await runIfThere('/sbin/sysctl', ['-q', '-e', '-w', ...settings], log);
  }
}

async function runScript(command: string, log: Logger): Promise<void> {
  const [program = '', ...args] = command.split(' ');
  await runIfThere(program, args, log);
}

async function runIfThere(program: string, args: readonly string[], log: Logger): Promise<void> {
  if (!existsSync(program)) return;
  const command = inNamespace(program, args);
  const result = await run(command.program, command.args);
  if (result.code !== 0) log.warn({ program, output: result.output }, 'failed');
}
