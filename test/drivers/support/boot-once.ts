/**
 * A process of its own that boots an amphora: `boot-once <settings as JSON> <spec as JSON> [probe]`. With `probe` it asks the
 * agent, deletes the amphora and prints as JSON what it saw.
 */
import { createLogger } from '../../../config/log.ts';
import { openHostCompute, type HostSettings } from '../../../drivers/compute/open.ts';
import type { AmphoraSpec } from '../../../drivers/compute/contract.ts';
import { eventually } from './eventually.ts';
import { linkNames, output, standInAgent } from './host.ts';

const [settings = '', spec = '', probe] = process.argv.slice(2);
const driver = openHostCompute(JSON.parse(settings) as HostSettings, createLogger('test', 'silent'), standInAgent);
const id = await driver.boot(JSON.parse(spec) as AmphoraSpec);
if (probe === 'probe') {
  const state = await driver.state(id);
  let answered = false;
  await eventually('the agent answers', async () => {
    answered = (await fetch(`http://${state.managementAddress}:9443/`)).ok;
    return answered;
  });
  await driver.delete(id);
  const left = { links: await linkNames(), rules: await output('nft', 'list', 'ruleset'), ids: await driver.list() };
  process.stdout.write(JSON.stringify({ state, answered, left, uid: await output('id', '-u') }));
}
