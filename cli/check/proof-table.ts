import type { VitestReport } from './closing-line.ts';

/** What the proofs of one flow came to, as test/flows notes it on its tests; several tests may prove one flow. */
export interface ProvenFlow {
  readonly name: string;
  /** Of a clean run, and what a failed one takes back; only some tests count them. */
  readonly steps?: number;
  readonly undos?: number;
  /** How often each proof was made. */
  readonly proofs: Readonly<Record<string, number>>;
}

/** A line for each proven flow of a run: its steps, its undos, and how many proofs of each kind were made. Empty when none was. */
export function proofTable(report: VitestReport | undefined): readonly string[] {
  const flows = merged(
    (report?.testResults ?? []).flatMap((file) => file.assertionResults.flatMap(({ meta }) => meta?.flows ?? [])),
  );
  if (flows.length === 0) return [];
  const width = Math.max(...flows.map(({ name }) => name.length));
  const all = flows.reduce((sum, flow) => sum + made(flow), 0);
  return [
    ...flows.map((flow) => `${flow.name.padEnd(width)}  ${figures(flow)}`),
    `${'all flows'.padEnd(width)}  ${all} proofs of ${flows.length} scenarios`,
  ];
}

function merged(flows: readonly ProvenFlow[]): readonly ProvenFlow[] {
  const byName = new Map<string, ProvenFlow>();
  for (const flow of flows) {
    const known = byName.get(flow.name);
    byName.set(flow.name, known === undefined ? flow : { ...known, ...flow, proofs: sum(known.proofs, flow.proofs) });
  }
  return [...byName.values()];
}

function sum(some: ProvenFlow['proofs'], others: ProvenFlow['proofs']): ProvenFlow['proofs'] {
  const added = Object.entries(others).map(([name, count]) => [name, (some[name] ?? 0) + count]);
  return { ...some, ...Object.fromEntries(added) } as ProvenFlow['proofs'];
}

const made = ({ proofs }: ProvenFlow): number => Object.values(proofs).reduce((total, count) => total + count, 0);

function figures(flow: ProvenFlow): string {
  const kinds = Object.entries(flow.proofs).map(([name, count]) => `${name} ${count}`);
  const steps = flow.steps === undefined ? '' : `${flow.steps} steps, ${flow.undos ?? 0} undos, `;
  return `${steps}${made(flow)} proofs: ${kinds.join(', ')}`;
}
