import type { PDate } from '@causeway/kernel';
import type { SubjectKind } from '../faults.ts';
import type { CreditRecord } from '../record.ts';

/**
 * What happens to a record when its time is over. Three operations that are never one flag: `delete` leaves a
 * tombstone only, `archive` keeps it for storage alone, `suppress` keeps it and does not provide it.
 */
export type Effect = 'delete' | 'archive' | 'suppress';

/** A date of a record from which a clock can run. */
export type ClockField =
  | 'adverse_ended_on'
  | 'adverse_started_on'
  | 'first_delinquency_on'
  | 'decided_on'
  | 'filed_on'
  | 'public_register_until';

/** How long records of one sort are kept or provided, as data: who says so, for what, from when, how long. */
export interface RetentionRule {
  readonly id: string;
  readonly source: string;
  readonly effect: Effect;
  readonly subjects: readonly SubjectKind[];
  /** Which records: all adverse ones, or those of one kind. */
  readonly of: {
    readonly adverse?: true;
    readonly record?: CreditRecord['record'];
    readonly kinds?: readonly string[];
    readonly otherThan?: readonly string[];
  };
  /** The first of these dates that the record has; without any of them the clock does not run. */
  readonly from: readonly ClockField[];
  readonly plusDays?: number;
  readonly plusMonths: number;
  /** The zone in which the last day ends. */
  readonly zone: string;
  readonly inForceFrom: PDate;
  /** True where it also governs clocks that had started before it came into force. */
  readonly appliesToRunning: boolean;
}

/**
 * A record is shown otherwise than it was reported, without being changed: overdue debts that arose in a
 * window, each of at most `amountMaxMinor`, and are paid back in time, are shown as if they had never been.
 */
export interface DisplayOverride {
  readonly id: string;
  readonly source: string;
  readonly subjects: readonly SubjectKind[];
  readonly currency: string;
  readonly arisenFrom: PDate;
  readonly arisenTo: PDate;
  readonly amountMaxMinor: bigint;
  readonly repaidBy: PDate;
  /**
   * What was paid back by `early` is shown so from the beginning of `earlyFrom` on, what was later from the
   * end of the month after the payment.
   */
  readonly early: PDate;
  readonly earlyFrom: PDate;
  /** The last day on which it applies; without it, for good. */
  readonly to?: PDate;
  readonly zone: string;
}

/** Adverse information about these subjects is stored, and shown to nobody, until they were told of it. */
export interface NoticeRule {
  readonly id: string;
  readonly source: string;
  readonly subjects: readonly SubjectKind[];
}

/** The rules of one jurisdiction: a nation, province or city by its ISO 3166-2 code. */
export interface LifeLayer {
  readonly jurisdiction: string;
  readonly retention: readonly RetentionRule[];
  readonly overrides: readonly DisplayOverride[];
  readonly notices: readonly NoticeRule[];
}

/**
 * All rules that govern a record: those of each layer together. The strictest of them decides, so that a
 * lower layer can only tighten what a higher one says.
 */
export interface LifeRules extends Omit<LifeLayer, 'jurisdiction'> {
  /** Where the day of marks and notes ends. */
  readonly zone: string;
}
