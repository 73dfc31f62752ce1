/** `weir repair` against a cloud of a test, as a person uses it. */
import { act, listStuck, type ActOptions } from '../../../cli/repair/repair.ts';
import type { Action } from '../../../cli/repair/finding.ts';
import type { Configuration } from '../../../cli/options.ts';
import { loadSettings, type Settings } from '../../../config/settings.ts';
import { startCloud, type Cloud } from '../../flows/support/cloud.ts';
import { untilTrue } from '../../flows/support/stuck.ts';
import { ownNamespace } from '../../support/temporal.ts';

export interface ListedFinding {
  readonly id: string;
  readonly section: string;
  readonly what: string;
  readonly state: string;
  readonly needsPerson: boolean;
  readonly facts: readonly string[];
  readonly loadBalancer: { readonly id: string; readonly name: string | null } | null;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Listed {
  readonly code: number;
  readonly findings: readonly ListedFinding[];
  readonly unseen: readonly string[];
}

/** What `weir repair` of this cloud is told by options and environment. */
export function configurationOf(cloud: Cloud, more: Partial<Settings> = {}): Configuration {
  const own: Partial<Settings> = {
    databaseUrl: cloud.database.url,
    temporalAddress: cloud.settings.temporalAddress,
    temporalNamespace: cloud.namespace,
    taskQueue: cloud.taskQueue,
    computeDriver: 'noop',
    ...more,
  };
  return { settings: loadSettings({}, own), given: (name) => name in own };
}

/** A cloud that only the file's own flows are in: `weir repair` looks at all there are, and one that is silent makes it wait. */
export async function cloudOfItsOwn(changes: Partial<Settings> = {}): Promise<Cloud> {
  return startCloud(changes, undefined, { temporal: await ownNamespace() });
}

export class Repair {
  readonly #configuration: Configuration;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** What `weir repair --json --older-than 0s` says of a load balancer, or of all there is. */
  async listed(loadBalancerId?: string): Promise<Listed> {
    const lines: string[] = [];
    const code = await listStuck(this.#configuration, { olderThanMs: 0, json: true }, (line) => lines.push(line));
    const { findings, unseen } = JSON.parse(lines.join('\n')) as Omit<Listed, 'code'>;
    const about = ({ loadBalancer }: ListedFinding): boolean =>
      loadBalancerId === undefined || loadBalancer?.id === loadBalancerId;
    return { code, findings: findings.filter(about), unseen };
  }

  /** What `weir repair --older-than 0s` prints. */
  async printed(): Promise<string> {
    const lines: string[] = [];
    await listStuck(this.#configuration, { olderThanMs: 0, json: false }, (line) => lines.push(line));
    return lines.join('\n');
  }

  /** The only thing of a load balancer, once it is in this state. */
  async only(loadBalancerId: string, state: string): Promise<ListedFinding> {
    let found: ListedFinding | undefined;
    await untilTrue(
      `one ${state} thing of ${loadBalancerId} is listed`,
      async () => {
        const { findings } = await this.listed(loadBalancerId);
        found = findings.length === 1 ? findings[0] : undefined;
        return found?.state === state;
      },
      60_000,
    );
    if (found === undefined) throw new Error('nothing was found');
    return found;
  }

  /** What the action prints, of one thing or of all, and its exit code. */
  async act(
    action: Action,
    id: string | undefined,
    options: Partial<ActOptions> = {},
  ): Promise<{ readonly text: string; readonly code: number }> {
    const lines: string[] = [];
    const all = { olderThanMs: 0, id, dryRun: false, force: false, ...options };
    const code = await act(this.#configuration, action, all, (line) => lines.push(line));
    return { text: lines.join('\n'), code };
  }

  async tell(action: Action, id: string | undefined, options: Partial<ActOptions> = {}): Promise<string> {
    return (await this.act(action, id, options)).text;
  }
}
