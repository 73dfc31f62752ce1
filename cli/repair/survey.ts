import { loadBalancerNames } from '../../db/ownership.ts';
import { cleanUpFindings, ownedBy } from './clean-ups.ts';
import type { RepairContext } from './context.ts';
import type { Finding } from './finding.ts';
import { hostFindings } from './hosts.ts';
import { operationFindings } from './operations.ts';
import { ownerlessMachines, ownerlessRows, ownerlessThings } from './ownerless.ts';

export interface Found {
  readonly findings: readonly Finding[];
  /** What could not be looked at, and why. */
  readonly unseen: readonly string[];
  /** What load balancers are called, by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** Everything that needs a person, or may soon. Changes nothing. */
export async function survey(context: RepairContext): Promise<Found> {
  const [{ findings, unseen }, quick] = await Promise.all([ownerlessMachines(context), quickSurvey(context)]);
  return found(context, [...quick, ...findings], unseen);
}

/** The same without machines, which only their hosts know: rows and workflows. */
export async function quickSurvey(context: RepairContext): Promise<readonly Finding[]> {
  const [cleanUps, operations] = await Promise.all([cleanUpFindings(context), operationFindings(context)]);
  const kept = ownedBy(cleanUps);
  const others = await Promise.all([
    ownerlessRows(context, kept),
    ownerlessThings(context, kept),
    hostFindings(context),
  ]);
  return [...cleanUps, ...operations, ...others.flat()];
}

async function found({ db }: RepairContext, findings: readonly Finding[], unseen: readonly string[]): Promise<Found> {
  const ids = findings.flatMap(({ loadBalancerId }) => loadBalancerId ?? []);
  return { findings: withOwnIds(findings), unseen, names: await loadBalancerNames(db, [...new Set(ids)]) };
}

/** Where two ids begin alike, both are told apart by a number. */
function withOwnIds(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const count = (seen.get(finding.id) ?? 0) + 1;
    seen.set(finding.id, count);
    return count === 1 ? finding : { ...finding, id: `${finding.id}~${count}` };
  });
}
