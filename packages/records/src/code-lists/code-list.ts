/** Days past due as a range; `max` null means no upper end. A range is never made finer than its source. */
export interface DpdRange {
  readonly min: number;
  readonly max: number | null;
}

/** One native code and what it becomes. */
export interface CodeEntry {
  /** As the source writes it; `from..to` for a run of numbers of equal length. */
  readonly code: string;
  /** The value in the canonical model; null where the code alone does not say one. */
  readonly canonical: string | null;
  readonly en: string;
  readonly zh: string;
  /** The native account types in which the code means this; left out where it means it in all. */
  readonly scope?: readonly string[];
  /** Days past due that the source means by it; null where it names none. */
  readonly dpd?: DpdRange | null;
  /** The character that a month with this code has in a packed history. */
  readonly packed?: string;
  /** The amounts it stands for, in minor units: above `above`, up to and with `to`. */
  readonly band?: { readonly above: string; readonly to: string | null; readonly currency: string };
}

/** Whose codes a list holds, also the `native_scheme` of a record that carries them. */
export type CodeScheme = 'pboc' | 'metro2' | 'cic' | 'tuef' | 'zhima';

/**
 * The codes that one source uses for one field. `version` is the edition of the source that they are taken
 * from, `source` what anybody can look up; `field` is where the canonical value stands, as `kind.field`.
 */
export interface CodeList {
  readonly name: string;
  readonly scheme: CodeScheme;
  readonly version: string;
  readonly source: string;
  readonly field: string;
  /** What a reader must know before using it. */
  readonly note?: string;
  readonly entries: readonly CodeEntry[];
}

/**
 * The entry of a native code, or undefined. `scope` is the native account type, for lists whose codes mean
 * different things in different types; without it such a code has no entry.
 */
export function entryOf({ entries }: CodeList, code: string, scope?: string): CodeEntry | undefined {
  return entries.find(
    (entry) =>
      (entry.scope === undefined || (scope !== undefined && entry.scope.includes(scope))) &&
      (entry.code === code || withinRun(entry.code, code)),
  );
}

function withinRun(run: string, code: string): boolean {
  const digits = code.length;
  if (run.length !== digits * 2 + 2 || !/^[0-9]+$/u.test(code)) return false;
  return run.slice(0, digits) <= code && code <= run.slice(digits + 2);
}
