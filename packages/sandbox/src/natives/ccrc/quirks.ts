/** The habits of the registry that a reader must survive; each can be switched while it runs. */
export interface CcrcQuirks {
  /** `12,000` in some fields, `12000` in others. */
  commas: boolean;
  /** What does not apply is `--`; else its tag is left out. */
  dashes: boolean;
  /** What the provider does not know is an empty tag; else its tag is left out. */
  emptyTags: boolean;
  newestFirst: boolean;
  /** The group of 24 months beside that of 60. */
  twoHistories: boolean;
  /** The two groups disagree on their newest month. */
  historiesDisagree: boolean;
  /** Days are written as times without a zone. */
  timesForDays: boolean;
  /** Added to the time of the report, such as `Z`, which is then told in that zone; none by default. */
  zone: '' | 'Z';
  /** The other code point for the dot in a name. */
  otherDot: boolean;
  /** The report is headed by another number of the person, and lists the one that was asked for. */
  otherNumberFirst: boolean;
  /** Persons are headed by their number of 15 digits. */
  oldNumbers: boolean;
  /** Codes that no table has, for the state of an account, its kind and its newest month. */
  unknownCodes: boolean;
  /** What was true today is shown tomorrow. */
  nextDay: boolean;
  /** The encoding of the report inside the answer, and the one it declares. */
  encoding: 'gb18030' | 'gbk' | 'utf-8';
  declares: string;
  /** Query reasons this organisation has no authority for. */
  refusedReasons: string[];
  userLocked: boolean;
  authorityExpired: boolean;
  busy: boolean;
}

export const usualQuirks: CcrcQuirks = {
  ...{ commas: true, dashes: true, emptyTags: true, newestFirst: true, twoHistories: true },
  ...{ historiesDisagree: false, timesForDays: false, zone: '', otherDot: false, otherNumberFirst: false },
  ...{ oldNumbers: false, unknownCodes: false, nextDay: true, encoding: 'gb18030', declares: 'GB18030' },
  ...{ refusedReasons: [], userLocked: false, authorityExpired: false, busy: false },
};

/** How a connection or an answer goes wrong, for the next answers until it is taken back. */
export type CcrcFailure =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The answer's own bytes, some at a time. */
  | { readonly kind: 'drip'; readonly everyMs: number; readonly bytes: number }
  /** As many zero bytes as the reader takes. */
  | { readonly kind: 'flood'; readonly bytes: number }
  | { readonly kind: 'hang' }
  /** The connection ends after this many bytes of the answer. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Changed after it was signed. */
  | { readonly kind: 'tampered'; readonly change: (body: Buffer) => Buffer }
  /** Another body than the registry's, with its signature. */
  | { readonly kind: 'body'; readonly body: Uint8Array }
  /** Another report inside the registry's own answer. */
  | { readonly kind: 'report'; readonly report: Uint8Array; readonly attribute?: string }
  | { readonly kind: 'result'; readonly code: string }
  | { readonly kind: 'signature'; readonly value: string | undefined };
