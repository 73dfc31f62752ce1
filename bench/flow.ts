/** Where the time of each flow goes, and what the settings of the Temporal server do to it. */
import { loadavg } from 'node:os';
import { forFlows, type Tuning } from '../cli/temporal/server.ts';
import type { Settings } from '../config/settings.ts';
import { workflowIdOf } from '../model/operation.ts';
import { topologies } from '../model/status.ts';
import { openTemporalClient } from '../temporal/client.ts';
import { BenchClient } from './client.ts';
import { startControlPlane } from './control-plane.ts';
import { warmUp } from './fixture.ts';
import { figuresOf, stepFigures, type Measured } from './flow-figures.ts';
import { askRound, type Asked } from './flow-round.ts';
import { readRun } from './history.ts';
import { grouped, rounded, type Measurement } from './measurement.ts';
import { startTemporal } from './temporal.ts';

const mostRounds = 15;

interface Server {
  readonly name: string;
  readonly tuning: Tuning;
  readonly rounds: number;
}

const nothing: Tuning = { dynamicConfig: {}, sqlitePragmas: {} };

/** Server 1.32 has eager activities unless told otherwise; older ones do not. */
const servers: readonly Server[] = [
  {
    name: 'without eager activities',
    tuning: { ...nothing, dynamicConfig: { 'system.enableActivityEagerExecution': false } },
    rounds: 4,
  },
  { name: 'as it comes', tuning: nothing, rounds: 4 },
  { name: 'with our dynamic configuration', tuning: { ...nothing, dynamicConfig: forFlows.dynamicConfig }, rounds: 4 },
  { name: 'as weir up starts it', tuning: forFlows, rounds: mostRounds },
];

/** With WEIR_BENCH_BASE_URL set, the flows of that API, whose Temporal the settings name. */
export async function measureFlows(settings: Settings): Promise<readonly Measurement[]> {
  if (settings.benchBaseUrl !== '') {
    const all = await measured(settings.benchBaseUrl, settings, mostRounds);
    return linesOf(all, 'as found', true);
  }
  const lines: Measurement[] = [];
  for (const server of servers) {
    const all = await measuredWith(server, settings);
    lines.push(...linesOf(all, server.name, server.tuning === forFlows));
  }
  return lines;
}

async function measuredWith({ tuning, rounds }: Server, settings: Settings): Promise<readonly Measured[]> {
  const temporal = await startTemporal(settings, tuning);
  try {
    const all: Measured[] = [];
    for (const loadbalancerTopology of topologies) {
      const given = { ...settings, temporalAddress: temporal.address, loadbalancerTopology };
      all.push(...(await measuredBy(given, rounds)));
    }
    return all;
  } finally {
    await temporal.stop();
  }
}

async function measuredBy(settings: Settings, rounds: number): Promise<readonly Measured[]> {
  const { temporalAddress, loadbalancerTopology } = settings;
  const env = { WEIR_TEMPORAL_ADDRESS: temporalAddress, WEIR_LOADBALANCER_TOPOLOGY: loadbalancerTopology };
  const controlPlane = await startControlPlane('noop', env);
  try {
    return await measured(controlPlane.baseUrl, settings, rounds);
  } finally {
    await controlPlane.stop();
  }
}

async function measured(baseUrl: string, settings: Settings, rounds: number): Promise<readonly Measured[]> {
  await warmUp(baseUrl);
  const client = new BenchClient(baseUrl, 'bench-flow');
  try {
    const asked: Asked[] = [];
    const ask = () => askRound(client, settings.loadbalancerTopology);
    await ask();
    for (let round = 0; round < rounds; round += 1) asked.push(...(await ask()));
    return await withHistories(asked, settings);
  } finally {
    await client.close();
  }
}

/** The client may see the end of a flow before its workflow is over. */
async function withHistories(asked: readonly Asked[], settings: Settings): Promise<readonly Measured[]> {
  const client = openTemporalClient(settings);
  try {
    const all: Measured[] = [];
    for (const one of asked) {
      const workflow = client.workflow.getHandle(workflowIdOf(one));
      await workflow.result();
      const run = readRun(await workflow.fetchHistory());
      if (run.flow !== one.flow.split(' ')[0])
        throw new Error(`${workflow.workflowId} is ${run.flow}, not ${one.flow}`);
      all.push({ asked: one, run });
    }
    return all;
  } finally {
    await client.connection.close();
  }
}

/** `load`: processes that ran or wanted to, over the last minute, this measurement's own among them. */
function linesOf(all: readonly Measured[], server: string, withSteps: boolean): readonly Measurement[] {
  const load = rounded(loadavg()[0] ?? 0, 1);
  return [...grouped(all, ({ asked }) => `${asked.topology} ${asked.flow}`).values()].map((runs) => ({
    name: 'flow',
    unit: 'ms',
    figures: {
      flow: runs[0]?.asked.flow,
      topology: runs[0]?.asked.topology,
      server,
      ...figuresOf(runs),
      ...(withSteps && { steps: stepFigures(runs) }),
      load,
    },
  }));
}
