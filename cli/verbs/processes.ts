/** The verbs that run one process each, for real deployments; `weir up` starts the same ones. */
import type { Command } from 'commander';
import type { Settings } from '../../config/settings.ts';
import { addSettings, configurationOf, deploymentNames } from '../options.ts';
import { loadEntry, type ProcessName } from '../processes.ts';
import { stopSignal } from '../signals.ts';

type SettingName = keyof Settings;

interface Verb {
  readonly name: ProcessName;
  readonly description: string;
  readonly settings: readonly SettingName[];
}

const verbs: readonly Verb[] = [
  {
    name: 'api',
    description: 'serve the HTTP API',
    settings: ['apiHost', 'apiPort', 'apiBaseUri', 'maxRequestBody', 'paginationMaxLimit', 'loadbalancerTopology'],
  },
  {
    name: 'worker',
    description: 'run the flows of the control plane',
    settings: ['relayIntervalMs', 'sweeperIntervalSec', 'healthControllers', 'heartbeatKey', 'vrrpAdvertInt'],
  },
  {
    name: 'host',
    description: 'run amphorae on this machine',
    settings: ['hostName', 'managementCidr', 'hostDownSec', 'healthControllers'],
  },
  {
    name: 'health',
    description: 'receive heartbeats and decide on failover',
    settings: ['healthBindHost', 'healthBindPort', 'heartbeatKey', 'heartbeatTimeoutSec', 'healthCheckIntervalSec'],
  },
];

const leftoversMs = 500;

export function addProcessVerbs(weir: Command): void {
  for (const verb of verbs) {
    const command = weir.command(verb.name).description(verb.description);
    addSettings(command, [...deploymentNames, ...verb.settings], true);
    command.action(async () => {
      const { settings } = configurationOf(command);
      const signal = stopSignal();
      const run = await loadEntry(verb.name);
      await run(settings, signal);
      // A step that was handed to another worker may still run here: it must not keep the process.
      setTimeout(() => process.exit(), leftoversMs).unref();
    });
  }
  weir
    .command('agent')
    .description('run inside an amphora: its REST API, HAProxy and keepalived')
    .requiredOption('--config <file>', 'its configuration', '/etc/octavia/amphora-agent.conf')
    .action(async ({ config: configFile }: { config: string }) => {
      const signal = stopSignal();
      const { runAgent } = await import('../../agent/main.ts');
      await runAgent({ configFile }, signal);
    });
}
