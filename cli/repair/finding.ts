/** Something that is stuck, and what can be done about it. */
import { PlainError } from '../fatal.ts';

export const sections = ['clean-ups', 'operations', 'ownerless', 'hosts'] as const;
export type Section = (typeof sections)[number];

export const actions = ['retry', 'adopt', 'give-up'] as const;
export type Action = (typeof actions)[number];

/** What an action would do, and doing it. */
export interface Plan {
  /** One sentence without a subject: `tell clean-up … to try … now`. */
  readonly would: string;
  /** Does it, and says what came of it. Throws PlainError when it could not be done. */
  readonly carryOut: () => Promise<string>;
}

export interface Finding {
  /** What the person names it by: a letter for its kind and the beginning of its own id. */
  readonly id: string;
  readonly section: Section;
  readonly what: string;
  readonly state: string;
  /** False for what Weir is still at by itself. */
  readonly needsPerson: boolean;
  readonly loadBalancerId: string | null;
  readonly since: Date | null;
  /** Further lines for a person. */
  readonly facts: readonly string[];
  /** The same and more for a program. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Throws PlainError when the action makes no sense here, with what does. */
  readonly plan: (action: Action, force: boolean) => Plan;
}

const shownDigits = 8;

/** `c-1a2b3c4d` of a clean-up's uuid. */
export function shortId(kind: string, id: string): string {
  return `${kind}-${id.slice(0, shownDigits)}`;
}

/** `c-1a2b3c4d.2`: the clean-up's own part of its workflow id, and the call that is open; 0 where that is not known. */
export function cleanUpId(workflowId: string, call: number): string {
  return `${shortId('c', workflowId.slice(workflowId.lastIndexOf('/') + 1))}.${call}`;
}

/** The finding that a person names. Throws PlainError when there is none, or several. */
export function findById(findings: readonly Finding[], id: string): Finding {
  const [found, another] = findings.filter((finding) => finding.id === id);
  if (another !== undefined)
    throw new PlainError(`${id} names several things; their own ids are in weir repair --json`);
  if (found !== undefined) return found;
  const [stem, call] = id.split('.');
  const sibling = findings.find((finding) => finding.id.startsWith(`${stem}.`));
  if (sibling !== undefined && call !== undefined)
    throw new PlainError(`call ${call} of clean-up ${stem} is not open: open is ${sibling.id}, ${sibling.what}`);
  throw new PlainError(`there is no ${id}: it is over, or it never was; weir repair lists what there is`);
}

/** `40 s`, `3 min`, `5 h`, `2 days`. */
export function spokenDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** For the record, wherever there is one. */
export const givenUpBy = (by: string): string => `given up by ${by} with weir repair`;

/** A time of the database, which is UTC without a zone. */
export const databaseTime = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`);
