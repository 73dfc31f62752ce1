import { spawnSync } from 'node:child_process';
import type { Settings } from '../../config/settings.ts';
import { metricsPortOf, processNames, type ProcessName } from '../processes.ts';
import { portIsFree, udpPortIsFree } from '../net/ports.ts';
import { always, found, missing, type Check, type Mode } from './finding.ts';

interface Listener {
  readonly what: string;
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
  readonly env: string;
  readonly neededFor: (mode: Mode) => boolean;
}

/** The ports that `weir up` listens on; 0 stands for any free one. */
export function portChecks(settings: Settings): Check[] {
  const listeners: Listener[] = [
    tcp('API', settings.apiHost, settings.apiPort, 'WEIR_API_PORT', always),
    tcp('Temporal', '127.0.0.1', settings.temporalPort, 'WEIR_TEMPORAL_PORT', ({ ownTemporal }) => ownTemporal),
    tcp('Temporal UI', '127.0.0.1', settings.temporalUiPort, 'WEIR_TEMPORAL_UI_PORT', ({ ownTemporal }) => ownTemporal),
    {
      what: 'heartbeats',
      protocol: 'udp',
      host: settings.healthBindHost,
      port: settings.healthBindPort,
      env: 'WEIR_HEALTH_BIND_PORT',
      neededFor: ({ linuxDrivers }) => linuxDrivers,
    },
    ...processNames.map((name) =>
      tcp(`metrics of ${name}`, '0.0.0.0', metricsPortOf(name, settings), 'WEIR_METRICS_PORT', runs(name)),
    ),
  ];
  return listeners.filter(({ port }) => port !== 0).map(checkOf);
}

const runs =
  (name: ProcessName) =>
  ({ linuxDrivers }: Mode): boolean =>
    linuxDrivers || name === 'api' || name === 'worker';

function tcp(what: string, host: string, port: number, env: string, neededFor: Listener['neededFor']): Listener {
  return { what, protocol: 'tcp', host, port, env, neededFor };
}

function checkOf({ what, protocol, host, port, env, neededFor }: Listener): Check {
  const isFree = protocol === 'tcp' ? portIsFree : udpPortIsFree;
  return {
    name: `port ${port}/${protocol}`,
    neededFor,
    run: async () =>
      (await isFree(port, host))
        ? found(`free, for ${what}`)
        : missing(
            `taken${holderOf(port, protocol)}; ${what} needs it`,
            `stop that process, or set another port with ${env}`,
          ),
  };
}

/** ` by NAME (process N)`, as far as ss(8) may see it. */
function holderOf(port: number, protocol: 'tcp' | 'udp'): string {
  const { stdout } = spawnSync('ss', [`-Hlnp${protocol === 'tcp' ? 't' : 'u'}`, `sport = :${port}`], {
    encoding: 'utf8',
  });
  const match = /users:\(\("([^"]+)",pid=(\d+)/.exec(stdout ?? '');
  return match === null ? '' : ` by ${match[1]} (process ${match[2]})`;
}
