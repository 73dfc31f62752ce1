/** What a check found. `mend` is the command, or the sentence, that puts it right. */
export type Finding =
  | { readonly ok: true; readonly detail: string }
  | { readonly ok: false; readonly detail: string; readonly mend: string };

/** What a person wants to run here. */
export interface Mode {
  /** Amphorae on this machine, rather than pretended ones. */
  readonly linuxDrivers: boolean;
  readonly ownPostgres: boolean;
  readonly ownTemporal: boolean;
}

export interface Check {
  readonly name: string;
  readonly neededFor: (mode: Mode) => boolean;
  readonly run: () => Finding | Promise<Finding>;
}

export const always = (): boolean => true;

export function found(detail: string): Finding {
  return { ok: true, detail };
}

export function missing(detail: string, mend: string): Finding {
  return { ok: false, detail, mend };
}
