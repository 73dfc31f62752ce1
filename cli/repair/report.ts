/** What was found, for a person and for a program. */
import { sections, spokenDuration, type Finding, type Section } from './finding.ts';
import type { Found } from './survey.ts';

const titles: Readonly<Record<Section, string>> = {
  'clean-ups': 'clean-ups: what failed flows could not take back; each tries again by itself',
  operations: 'operations that are open for too long',
  ownerless: 'what nobody owns',
  hosts: 'compute hosts without amphorae that nobody has heard of for a day',
};

const hints: Readonly<Record<Section, string>> = {
  'clean-ups': 'weir repair retry | adopt | give-up ID',
  operations: 'weir repair retry ID: try its steps now; weir repair give-up ID: cancel it, with --force terminate it',
  ownerless: 'weir repair retry ID: remove it; weir repair retry --all: everything here',
  hosts: 'weir repair give-up ID: forget it, if it is gone for good',
};

/** A table for each kind of thing, with what is known of each thing under its line. */
export function reportText({ findings, unseen, names }: Found): string {
  const blocks = sections
    .map((section) => ({ section, of: findings.filter((finding) => finding.section === section) }))
    .filter(({ of }) => of.length > 0)
    .map(({ section, of }) => [titles[section], ...table(of, names), `  → ${hints[section]}`].join('\n'));
  const blind = unseen.length === 0 ? [] : [`not looked at:\n${unseen.map((text) => `  ${text}`).join('\n')}`];
  return [...blocks, ...blind, verdict(findings)].join('\n\n');
}

/** One sentence: how much there is to do. */
export function verdict(findings: readonly Finding[]): string {
  const urgent = findings.filter(({ needsPerson }) => needsPerson).length;
  const rest = findings.length - urgent;
  const goesOn = rest === 0 ? '' : `; ${rest} more ${rest === 1 ? 'is' : 'are'} being tried`;
  if (urgent === 0) return `nothing needs a person${goesOn}`;
  return `${urgent} ${urgent === 1 ? 'thing needs' : 'things need'} a person${goesOn}`;
}

type Names = ReadonlyMap<string, string>;

function table(findings: readonly Finding[], names: Names): string[] {
  const rows = findings.map(({ id, state, what, since, loadBalancerId }) => [
    id,
    state,
    since === null ? '' : spokenDuration(Date.now() - since.getTime()),
    what,
    loadBalancerId === null ? '' : spokenLoadBalancer(loadBalancerId, names),
  ]);
  const [head = '', ...lines] = aligned([['ID', 'STATE', 'FOR', 'WHAT', 'LOAD BALANCER'], ...rows]);
  return [`  ${head}`, ...lines.flatMap((line, at) => withFacts(line, findings[at]?.facts ?? []))];
}

function withFacts(line: string, facts: readonly string[]): readonly string[] {
  return [line, ...facts.map((fact) => `    ${fact}`)].map((text) => `  ${text}`);
}

const spokenLoadBalancer = (id: string, names: Names): string => {
  const name = names.get(id) ?? '';
  return name === '' ? id : `${id} (${name})`;
};

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** `{ needsPerson, findings, unseen }`; times are ISO 8601. */
export function reportJson({ findings, unseen, names }: Found): string {
  const shown = findings.map(({ id, section, what, state, needsPerson, facts, details, since, loadBalancerId }) => ({
    id,
    section,
    what,
    state,
    needsPerson,
    facts,
    details,
    since: since?.toISOString() ?? null,
    loadBalancer: loadBalancerId === null ? null : { id: loadBalancerId, name: names.get(loadBalancerId) ?? null },
  }));
  const needsPerson = findings.filter((finding) => finding.needsPerson).length;
  return JSON.stringify({ needsPerson, findings: shown, unseen }, null, 2);
}
