import type { Category, CreditRecord, Purpose } from '@causeway/records';
import type { Identifier } from '@causeway/records/identifiers';
import type { LifeRules } from '@causeway/records/life/index';
import type { HotTransaction } from '@causeway/service';

/** A record as its source holds it: its text, its day, and the categories that let it out unread. */
export interface SourceRecord {
  readonly text: string;
  readonly as_of: string;
  /** Undefined where only a projection of it can go out, or nothing. */
  readonly openedBy: readonly string[] | undefined;
}

/** What a source holds on one subject. Known with nothing and not known are different facts. */
export interface SourceAnswer {
  readonly known: boolean;
  /** All of it, not yet projected to what was granted. */
  readonly records: readonly SourceRecord[];
}

/** When the store is read, ms since the epoch, and the rules that say what is shown then. */
export interface ReadingMoment {
  readonly nowMs: number;
  readonly rules: LifeRules;
}

/** The bureau's own store: read for a whole batch inside the transaction that records the answers. */
interface HostedSource {
  readonly kind: 'hosted';
  read(
    trx: HotTransaction,
    subjectRefs: readonly string[],
    at: ReadingMoment,
  ): Promise<ReadonlyMap<string, SourceAnswer>>;
}

/** What a native system knows a subject by. It is in memory for one question only. */
export interface NativeSubject {
  readonly identifier: Identifier;
  /** As the native system writes it. */
  readonly name?: string;
  /** The native system's own key to the subject, where it has one: an authorisation token, a user id. */
  readonly handle?: string;
}

/** The circumstances of one question. */
export interface Moment {
  /** ms since the epoch, for the native system's time stamps. */
  readonly nowMs: number;
  readonly purpose: Purpose;
  /** Digest of the inquiry: what a native system is given as its authorisation number. */
  readonly inquiry: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * What a native system said, in the canonical model. `known` without records is a fact, too: a person without
 * credit. `notes` name what was dropped or doubtful, by field and reason, never by value.
 */
export interface Finding {
  readonly known: boolean;
  readonly records: readonly CreditRecord[];
  readonly notes: readonly FindingNote[];
}

/** `field` is the native name; `what` is one word of a closed list. */
export interface FindingNote {
  readonly field: string;
  readonly what: 'dropped' | 'conflict' | 'unreadable' | 'assumed';
}

/** What the operator sees of a source in `/readyz` and the console. */
export interface SourceHealth {
  readonly ok: boolean;
  /** One sentence without a value in it. */
  readonly detail: string;
}

/** A native system behind its adapter: one interface, whatever it speaks. */
export interface NativeSource {
  readonly kind: 'native';
  readonly name: string;
  /**
   * Asks for one subject. Records come whole, not yet projected to `categories`, which only say what need not
   * be asked for.
   * @throws SourceFault of one of the canonical classes, and nothing else
   */
  find(subject: NativeSubject, categories: readonly Category[], at: Moment): Promise<Finding>;
  /**
   * What names a record of this source in every answer, within its subject and kind, where the system numbers
   * it anew each time; undefined for a record whose `record_id` stays.
   */
  steadyName?(record: CreditRecord): string | undefined;
  health(): Promise<SourceHealth>;
  close(): Promise<void>;
}

/** Where a bureau's records come from. */
export type Source = HostedSource | NativeSource;
