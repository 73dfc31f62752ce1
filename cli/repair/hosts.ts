/** Compute hosts that are silent for so long that they may be gone for good. */
import { forgetHost, lostHosts, type LostHost } from '../../db/compute-hosts.ts';
import { PlainError } from '../fatal.ts';
import type { RepairContext } from './context.ts';
import { databaseTime, type Finding, type Plan } from './finding.ts';

/** A host that is only being repaired is back sooner. */
export const lostAfterMs = 24 * 60 * 60_000;

/** Hosts that nobody has heard of for a day and that have no amphora any more: nothing asks them any longer. */
export async function hostFindings(context: RepairContext): Promise<readonly Finding[]> {
  if (context.settings.computeDriver !== 'host') return [];
  return (await lostHosts(context.db, lostAfterMs)).map((host) => findingOf(context, host));
}

function findingOf(context: RepairContext, { name, lastSeen }: LostHost): Finding {
  const what = `compute host ${name}`;
  return {
    id: `h-${name}`,
    section: 'hosts',
    what,
    state: 'silent',
    needsPerson: true,
    loadBalancerId: null,
    since: databaseTime(lastSeen),
    facts: ['it has no amphora; whether machines are left there is not looked at'],
    details: { name, lastSeen },
    plan: (action) => {
      if (action === 'give-up') return forgetting(context, name, what);
      throw new PlainError(`nothing to ${action}: ${what} is there again once its weir host runs; give-up forgets it`);
    },
  };
}

function forgetting({ db }: RepairContext, name: string, what: string): Plan {
  return {
    would: `forget ${what}; it is there again if its weir host ever runs`,
    carryOut: async () => {
      if (!(await forgetHost(db, name, lostAfterMs))) throw new PlainError(`${what} has been heard of again`);
      return `${what} is forgotten`;
    },
  };
}
