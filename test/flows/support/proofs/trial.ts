import type { OperationRow } from '../../../../db/schema.ts';
import type { Cloud } from '../cloud.ts';
import type { Fault } from '../injector.ts';
import { start, type Ending, type Started } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { Findings } from './verdict.ts';

/** A scenario in a cloud: what a proof is tried on. Every run has a load balancer of its own. */
export class Trial {
  readonly cloud: Cloud;
  readonly scenario: Scenario;
  /** The workflows that ran, for the proof that their histories replay. */
  readonly workflowIds: string[] = [];

  constructor(cloud: Cloud, scenario: Scenario) {
    this.cloud = cloud;
    this.scenario = scenario;
  }

  async start(fault?: Fault): Promise<Started & { readonly operation: OperationRow }> {
    const operation = await this.scenario.prepare(this.cloud);
    const { slowNetwork } = this.scenario;
    const started = await start(this.cloud, operation, { slowNetwork, ...(fault !== undefined && { fault }) });
    this.workflowIds.push(started.workflowId);
    return { ...started, operation };
  }

  async run(fault?: Fault): Promise<{ readonly ending: Ending; readonly operation: OperationRow }> {
    const { operation, ended } = await this.start(fault);
    return { operation, ending: await ended() };
  }
}

/** Says which proof found something, and where. */
export function told(proof: string, step: string, findings: Findings): Findings {
  return findings.map((finding) => `${proof} at ${step}: ${finding}`);
}

/** The activity of a step's name. */
export function activityOf(step: string): string {
  return step.slice(0, step.indexOf('('));
}
