/** What docs/taskflow-parity.md says that is not so, and what it does not say. */
import { closing } from '../proofs/unwinding.ts';
import type { Code } from './code.ts';
import { octaviaTasks } from './octavia.ts';
import { codeIn, referencesIn, type Page, type Row, type Section } from './page.ts';

/** Every sentence that is wrong, and every gap; empty when the page is true and complete. */
export function findings(page: Page, code: Code): readonly string[] {
  return [
    ...page.sections.flatMap((section) => section.rows.flatMap((row) => wrongInRow(page, section, row, code))),
    ...page.sections.flatMap(wrongTasks),
    ...missingTables(page, code),
    ...missingSteps(page, code),
    ...wrongProofs(page, code),
    ...missingScenarios(page, code),
  ];
}

const said = (rows: readonly Row[], column: 'task' | 'step' | 'undo' | 'proof'): readonly string[] =>
  rows.flatMap((row) => codeIn(row[column]));

const without = (all: Iterable<string>, known: Iterable<string>): readonly string[] => {
  const set = new Set(known);
  return [...new Set(all)].filter((one) => !set.has(one));
};

const rowsOf = ({ sections }: Page): readonly Row[] => sections.flatMap(({ rows }) => rows);

function wrongInRow(page: Page, section: Section, row: Row, code: Code): readonly string[] {
  const { number } = section;
  const place = `${number}, row ${row.number}`;
  const hasStep = codeIn(row.step).length > 0 || referencesIn(row.step).length > 0;
  const hasReason = /^— (not built|not needed): \S/.test(row.step);
  const numbers = row.proof.match(/\bP\d+\b/g) ?? [];
  const where = codeIn(row.proof);
  const isProven = where.some(isTest) || (where.length > 0 && numbers.length > 0);
  const known = code.proofs.map((name) => name.split(' ')[0] ?? '');
  return [
    ...(row.task === '' ? [`${place}: no task`] : []),
    ...(hasStep !== hasReason ? [] : [`${place}: neither a step nor the reason why there is none`]),
    ...(row.undo === '' ? [`${place}: neither an undo nor what stands in its stead`] : []),
    ...(isProven || /^none: \S/.test(row.proof) ? [] : [`${place}: neither a proof nor the reason why there is none`]),
    ...without(codeIn(row.step), code.activities).map((name) => `${place}: there is no activity ${name}`),
    ...without(codeIn(row.undo), [...code.undos, 'failOperation', 'cleanUp']).map(
      (name) => `${place}: ${name} is the undo of nothing`,
    ),
    ...without(numbers, known).map((name) => `${place}: there is no proof ${name}`),
    ...without(where, [...code.scenarios.keys(), ...code.testFiles]).map((name) =>
      isTest(name) ? `${place}: there is no ${name}` : `${place}: there is no scenario "${name}"`,
    ),
    ...unshown(section, row, code).map((what) => `${place}: no scenario there ${what}`),
    ...unshownElsewhere(page, row, code).map((what) => `${place}: no scenario there ${what}`),
  ];
}

/**
 * Steps and undos of a row that none of the scenarios which it cites has. A flow without scenarios of its own does what those of
 * others do when they fail.
 */
function unshown(section: Section, row: Row, code: Code): readonly string[] {
  const cited = codeIn(row.proof).flatMap((name) => code.scenarios.get(name) ?? []);
  if (cited.length === 0) return [];
  const undos = cited.flatMap((one) => one.undos);
  const known = new Set([...code.scenarios.values()].map(({ flow }) => flow));
  const hasNone = flowsIn(section).some((flow) => !known.has(flow));
  const steps = [...cited.flatMap((one) => one.steps), ...(hasNone ? [...undos, ...closing] : [])];
  return [
    ...without(codeIn(row.step), steps).map((name) => `calls ${name}`),
    ...without(codeIn(row.undo), [...undos, 'failOperation', 'cleanUp']).map((name) => `takes back with ${name}`),
  ];
}

/** Sections that a row leads to and of which no scenario that it cites has a step. A test that it cites may show what none does. */
function unshownElsewhere(page: Page, row: Row, code: Code): readonly string[] {
  const cited = codeIn(row.proof);
  const steps = cited.flatMap((name) => code.scenarios.get(name)?.steps ?? []);
  if (steps.length === 0 || cited.some(isTest)) return [];
  return referencesIn(row.step).flatMap((number) => {
    const section = page.sections.find((one) => one.number === number);
    const there = section === undefined ? [] : [...reached(page, section)].flatMap(({ rows }) => said(rows, 'step'));
    return there.some((step) => steps.includes(step)) ? [] : [`does anything of §${number}`];
  });
}

/** A test of its own may stand where scenarios do. */
const isTest = (text: string): boolean => text.includes('/');

function wrongTasks({ number, rows }: Section): readonly string[] {
  const tasks = octaviaTasks[number];
  const here = said(rows, 'task');
  if (tasks === undefined) return rows.length === 0 ? [] : [`${number}: no list of Octavia's tasks`];
  return [
    ...without(tasks, here).map((task) => `${number}: Octavia's ${task} is missing`),
    ...without(here, tasks).map((task) => `${number}: Octavia has no ${task} there`),
  ];
}

const flowsIn = ({ title }: Section): readonly string[] => codeIn(title);

function missingTables({ sections }: Page, code: Code): readonly string[] {
  const filled = sections.filter(({ rows }) => rows.length > 0);
  return [
    ...without(code.flows, filled.flatMap(flowsIn)).map((flow) => `${flow} has no table`),
    ...without(
      Object.keys(octaviaTasks),
      filled.map(({ number }) => number),
    ).map((number) => `${number} has no table`),
  ];
}

/** A section and those that its rows lead to, as far as steps go. */
function reached(page: Page, section: Section, seen = new Set<Section>()): ReadonlySet<Section> {
  if (seen.has(section)) return seen;
  seen.add(section);
  for (const number of section.rows.flatMap(({ step }) => referencesIn(step)))
    for (const other of page.sections) if (other.number === number) reached(page, other, seen);
  return seen;
}

function missingSteps(page: Page, code: Code): readonly string[] {
  const rows = rowsOf(page);
  const ofFlows = page.sections.flatMap((section) => {
    const here = [...reached(page, section)].flatMap((one) => one.rows);
    const told = [...said(here, 'step'), ...said(here, 'undo')];
    return flowsIn(section).flatMap((flow) =>
      without(code.calledBy.get(flow) ?? [], told).map((name) => `${section.number}: ${flow} calls ${name} too`),
    );
  });
  return [
    ...ofFlows,
    ...without(code.called, [...said(rows, 'step'), ...said(rows, 'undo')]).map((name) => `${name} is in no table`),
    ...without(code.undos, said(rows, 'undo')).map((name) => `${name} is an undo, and in no table as one`),
  ];
}

/** The table of proofs is that of the harness. */
function wrongProofs({ proofs }: Page, code: Code): readonly string[] {
  const isNamed = (name: string): boolean => proofs.some((one) => one === name || one.startsWith(`${name} `));
  const isMade = (name: string): boolean => code.proofs.some((one) => one === name || name.startsWith(`${one} `));
  return [
    ...code.proofs.filter((name) => !isNamed(name)).map((name) => `the proof "${name}" is not explained`),
    ...proofs.filter((name) => !isMade(name)).map((name) => `the proof "${name}" is not made`),
  ];
}

/** Each scenario of a flow stands in the flow's own table, and no other flow's does. */
function missingScenarios({ sections }: Page, code: Code): readonly string[] {
  return sections.flatMap((section) =>
    flowsIn(section)
      .filter((flow) => [...code.scenarios.values()].some((one) => one.flow === flow))
      .flatMap((flow) => wrongScenarios(section, flow, code)),
  );
}

function wrongScenarios({ number, rows }: Section, flow: string, code: Code): readonly string[] {
  const own = [...code.scenarios].flatMap(([name, one]) => (one.flow === flow ? [name] : []));
  const here = said(rows, 'proof').filter((name) => !isTest(name));
  return [
    ...without(own, here).map((name) => `${number}: the scenario "${name}" is missing`),
    ...without(here, own).map((name) => `${number}: "${name}" is no scenario of ${flow}`),
  ];
}
