import type { VitestReport } from './closing-line.ts';

/** What the proofs of one flow came to, as test/flows notes it on its tests. */
export interface ProvenFlow {
  readonly name: string;
  readonly steps: number;
  readonly undos: number;
  /** How often each proof was made. */
  readonly proofs: Readonly<Record<string, number>>;
}

/** A line for each proven flow of a run: its steps, its undos, and how many proofs of each kind were made. Empty when none was. */
export function proofTable(report: VitestReport | undefined): readonly string[] {
  const flows = (report?.testResults ?? []).flatMap((file) =>
    file.assertionResults.flatMap(({ meta }) => (meta?.flow === undefined ? [] : [meta.flow])),
  );
  if (flows.length === 0) return [];
  const width = Math.max(...flows.map(({ name }) => name.length));
  const all = flows.reduce((sum, flow) => sum + made(flow), 0);
  return [
    ...flows.map((flow) => `${flow.name.padEnd(width)}  ${figures(flow)}`),
    `${'all flows'.padEnd(width)}  ${all} proofs of ${flows.length} scenarios`,
  ];
}

const made = ({ proofs }: ProvenFlow): number => Object.values(proofs).reduce((sum, count) => sum + count, 0);

function figures(flow: ProvenFlow): string {
  const kinds = Object.entries(flow.proofs).map(([name, count]) => `${name} ${count}`);
  return `${flow.steps} steps, ${flow.undos} undos, ${made(flow)} proofs: ${kinds.join(', ')}`;
}
