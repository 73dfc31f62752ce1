import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../../config/log.ts';
import type { Settings } from '../../config/settings.ts';
import type { ComputeDriver } from './contract.ts';
import { hostCompute, type HostCompute } from './host/driver.ts';
import { managementNetwork } from './host/management.ts';
import { noopCompute } from './noop.ts';

export type HostSettings = Pick<
  Settings,
  'stateDir' | 'managementCidr' | 'managementBridge' | 'healthControllers' | 'healthBindPort'
>;

/** The built program, whether this file runs from the sources or from the build. */
function programPath(): string {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts') ? resolve(here, '../../../dist/cli/main.js') : resolve(here, '../../../cli/main.js');
}

const defaultAgent = [process.execPath, programPath(), 'agent', '--config', '/etc/octavia/amphora-agent.conf'];

/** The driver `host` with amphorae in `<state dir>/amphorae`. Throws NoValidHost for settings that make no management network. */
export function openHostCompute(
  settings: HostSettings,
  log: Logger,
  agentCommand: readonly string[] = defaultAgent,
): HostCompute {
  const root = join(resolve(settings.stateDir), 'amphorae');
  return hostCompute({ root, management: managementNetwork(settings), agentCommand, log });
}

/** The compute driver that the settings name. Nothing is touched before the first call. */
export function openComputeDriver(
  settings: HostSettings & Pick<Settings, 'computeDriver'>,
  log: Logger,
): ComputeDriver {
  return settings.computeDriver === 'noop' ? noopCompute() : openHostCompute(settings, log);
}
