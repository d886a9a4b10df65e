import { isCurrency, isPartialDate } from '@causeway/kernel';
import { deniedData } from './categories.ts';
import { carriesIdentifier } from './identifiers.ts';
import type { AccountRecord, CreditRecord } from './record.ts';
import { fieldsOfRecord } from './record-fields.ts';
import { hasEqualMonths, hasKnownCodes } from './repayment.ts';
import { bandsOf, membersOf, type Member } from './record-members.ts';

export type SubjectKind = 'person' | 'enterprise';

/** Whom a record is about, its members at every depth, and those that are values of the model. */
interface Surroundings {
  readonly subjectKind: SubjectKind;
  readonly members: readonly Member[];
  readonly values: readonly Member[];
}

/** What stands under these is about a field of that name, or the source's own. */
const notValues: ReadonlySet<string> = new Set(['absent', 'native', 'native_ext']);

/** Texts of the source that no pattern of the schema keeps clean. */
const sourceTexts: ReadonlySet<string> = new Set(['native', 'native_ext']);

/** What the rules need to know beside the record. */
export function surroundingsOf(record: CreditRecord, subjectKind: SubjectKind): Surroundings {
  return new Around(record, subjectKind);
}

/** Members are looked for when a rule first asks for them: most rules look at one field or two. */
class Around implements Surroundings {
  readonly subjectKind: SubjectKind;
  readonly #record: CreditRecord;
  #members: readonly Member[] | undefined;
  #values: readonly Member[] | undefined;

  constructor(record: CreditRecord, subjectKind: SubjectKind) {
    this.#record = record;
    this.subjectKind = subjectKind;
  }

  get members(): readonly Member[] {
    return (this.#members ??= membersOf(this.#record));
  }

  get values(): readonly Member[] {
    return (this.#values ??= this.members.filter(({ parent }) => !notValues.has(parent)));
  }
}

/** What a schema cannot say of a record. `message` goes on after the name of a field that breaks it. */
interface RecordRule {
  readonly id: string;
  readonly message: string;
  readonly breaks: (record: CreditRecord, around: Surroundings) => readonly string[];
}

/** A whole in parts of a million. */
const WHOLE_PPM = 1_000_000;

const dateNames: ReadonlySet<string> = new Set([
  'as_of',
  'reported_on',
  'adverse_started_on',
  'first_delinquency_on',
  'adverse_ended_on',
  'opened',
  'due',
  'closed',
  'last_paid_on',
  'on',
  'birth_date',
  'founded',
  'licence_expires',
  'expires_on',
  'valid_from',
  'valid_to',
  'filed_on',
  'decided_on',
  'ended_on',
  'public_register_until',
  'occurred',
  'refreshed_on',
  'added_on',
  'ends_on',
  'since',
  'until',
  'period',
  'rated_on',
]);

/** Earlier and later end of a period, wherever both are told. */
const periods = [
  ['opened', 'closed'],
  ['valid_from', 'valid_to'],
  ['since', 'until'],
  ['adverse_started_on', 'adverse_ended_on'],
  ['added_on', 'ends_on'],
] as const;

/** States in which a record is not shown at all, so that a mark changes nothing. */
const withheld: ReadonlySet<string | undefined> = new Set(['suppressed', 'restricted', 'expired']);

const paths = (members: readonly Member[]): string[] => members.map(({ path }) => path);
const when = (broken: boolean | undefined, field: string): string[] => (broken === true ? [field] : []);

/** The rules that keep a record out. Their ids are stable: a publisher's own tools may rely on them. */
export const recordRules = [
  {
    id: 'date',
    message: 'is a day that does not exist',
    breaks: (_record, { values }) =>
      paths(
        values.filter(({ name, text }) => dateNames.has(name) && text !== undefined && !isPartialDate(text)),
      ),
  },
  {
    id: 'identifier_in_record',
    message: 'carries the number of a person or enterprise',
    breaks: (_record, { members }) =>
      members
        .filter(
          ({ name, text }) => carriesIdentifier(name) || (text !== undefined && carriesIdentifier(text)),
        )
        // A name that is a number must not be repeated as the path to it.
        .map(({ path, name, parent }) => (carriesIdentifier(name) ? parent : path)),
  },
  {
    id: 'characters',
    message: 'holds a character that is none of a text',
    breaks: (_record, { members }) =>
      paths(
        members.filter(({ parent, text }) => sourceTexts.has(parent) && /[\p{Cc}\p{Cs}]/u.test(text ?? '')),
      ),
  },
  {
    id: 'denied_data',
    message: 'is data that has no place in a credit record',
    breaks: ({ native_ext = {}, native = {} }) => [
      ...Object.keys(native_ext)
        .filter(deniedData)
        .map((name) => `native_ext.${name}`),
      ...Object.keys(native)
        .filter(deniedData)
        .map((name) => `native.${name}`),
    ],
  },
  {
    id: 'absence',
    message: 'has a value and a reason for having none',
    breaks: (record) => Object.keys(record.absent ?? {}).filter((field) => Object.hasOwn(record, field)),
  },
  {
    id: 'unknown_field',
    message: 'is no field of this kind of record',
    breaks: (record) => {
      const known = fieldsOfRecord(record);
      return [...Object.keys(record.absent ?? {}), ...Object.keys(record.native ?? {})].filter(
        (field) => !known.has(field),
      );
    },
  },
  {
    id: 'currency',
    message: 'has no known minor unit',
    breaks: (_record, { values }) =>
      paths(
        values.filter(({ name, text }) => name === 'currency' && text !== undefined && !isCurrency(text)),
      ),
  },
  {
    id: 'adverse_notice',
    message: 'is needed for adverse information',
    breaks: ({ is_adverse, notice_id, notice_exemption }, { subjectKind }) =>
      when(
        subjectKind === 'person' && is_adverse && notice_id === undefined && notice_exemption === undefined,
        'notice_id',
      ),
  },
  {
    id: 'derived_expiry',
    message: 'is needed, because a day of expiry is derived and never typed in',
    breaks: ({ expires_on, retention_rule }) =>
      when(expires_on !== undefined && retention_rule === undefined, 'retention_rule'),
  },
  {
    id: 'register_outlived',
    message: 'is later than the end of the public register it comes from',
    breaks: (record) =>
      when(
        record.record === 'public_record' && isAfter(record.expires_on, record.public_register_until),
        'expires_on',
      ),
  },
  {
    id: 'dispute_marked',
    message: 'must be "marked" while a dispute is open',
    breaks: ({ marks = [], display_state }) =>
      when(
        marks.some(({ kind, ends_on }) => kind === 'dispute_mark' && ends_on === undefined) &&
          display_state !== 'marked' &&
          !withheld.has(display_state),
        'display_state',
      ),
  },
  {
    id: 'period_order',
    message: 'ends before it begins',
    breaks: (record) => [
      ...periods.flatMap(([from, to]) => when(isAfter(textOf(record, from), textOf(record, to)), to)),
      ...when(
        record.marks?.some(({ added_on, ends_on }) => isAfter(added_on, ends_on)),
        'marks',
      ),
    ],
  },
  {
    id: 'history_months',
    message: 'has native codes or amounts for other months than its states',
    breaks: (record) =>
      when('history' in record && record.history && !hasEqualMonths(record.history), 'history'),
  },
  {
    id: 'history_codes',
    message: 'has native codes that are not of its scale',
    breaks: (record) =>
      when('history' in record && record.history && !hasKnownCodes(record.history), 'history'),
  },
  {
    id: 'amount_currency',
    message: 'is an amount without a currency',
    breaks: (record) => {
      if (record.record === 'postpaid') {
        return when(record.history?.overdue !== undefined && record.arrears === undefined, 'history');
      }
      if (record.record !== 'public_record' || record.currency !== undefined) return [];
      return (['amount_claimed', 'amount_paid'] as const).filter((field) => record[field] !== undefined);
    },
  },
  {
    id: 'band',
    message: 'has a lower end that is not below its upper end',
    breaks: (record) =>
      bandsOf(record)
        .filter(({ lower, upper }) => upper !== undefined && BigInt(lower) >= BigInt(upper))
        .map(({ path }) => path),
  },
  {
    id: 'ratio',
    message: 'is more than the whole',
    breaks: (record, { values }) => [
      ...paths(values.filter(({ name, number = 0 }) => parts.has(name) && number > WHOLE_PPM)),
      ...when((sharesOf(record) ?? 0) > WHOLE_PPM, 'co_lenders'),
    ],
  },
  {
    id: 'score_range',
    message: 'is outside the range from min to max',
    breaks: (record) => {
      if (record.record !== 'score') return [];
      const { value = record.min, min, max } = record;
      return when(min >= max || value < min || value > max, 'value');
    },
  },
  {
    id: 'score_value',
    message: 'must be there, or else a reason why there is none, and never both',
    breaks: (record) => {
      if (record.record !== 'score') return [];
      const { value, unscorable_reason, grade, absent } = record;
      if (value !== undefined) return when(unscorable_reason !== undefined, 'value');
      // A bureau may tell a grade alone, and a node may withhold the number.
      return when(
        unscorable_reason === undefined && grade === undefined && absent?.['value'] === undefined,
        'value',
      );
    },
  },
  {
    id: 'conditional_basis',
    message: 'needs the written consent that it rests on',
    // Article 14 is about persons.
    breaks: (record, { subjectKind }) =>
      when(
        subjectKind === 'person' && record.record === 'conditional' && record.basis?.consent === undefined,
        'basis',
      ),
  },
] as const satisfies readonly RecordRule[];

/** What is odd but may be true: it is told, and keeps nothing out. */
export const recordDoubts = [
  {
    id: 'overdue_beyond_balance',
    message: 'is more than the balance; only charges explain that',
    breaks: (record) =>
      when(record.record === 'account' && exceeds(record.overdue_total, record.balance), 'overdue_total'),
  },
  {
    id: 'buckets_beyond_overdue',
    message: 'is more than what is overdue in all',
    breaks: (record) =>
      when(
        record.record === 'account' && exceeds(bucketsOf(record), record.overdue_total),
        'overdue_principal',
      ),
  },
  {
    id: 'used_beyond_limit',
    message: 'is more than the limit',
    breaks: (record) =>
      when(
        (record.record === 'account' || record.record === 'facility') && exceeds(record.used, record.limit),
        'used',
      ),
  },
  {
    id: 'settled_with_balance',
    message: 'is not zero although the account is settled or closed',
    breaks: (record) =>
      when(
        record.record === 'account' && ended.has(record.status) && exceeds(record.balance, '0'),
        'balance',
      ),
  },
  {
    id: 'remaining_beyond_terms',
    message: 'is more than the number of terms',
    breaks: (record) =>
      when(
        record.record === 'account' && (record.remaining_terms ?? 0) > (record.term_count ?? Infinity),
        'remaining_terms',
      ),
  },
  {
    id: 'shares_short',
    message: 'has shares that are less than the whole debt',
    breaks: (record) => when((sharesOf(record) ?? WHOLE_PPM) < WHOLE_PPM, 'co_lenders'),
  },
] as const satisfies readonly RecordRule[];

/** Fractions that cannot be more than one; a yearly rate can. */
const parts: ReadonlySet<string> = new Set(['share_ppm', 'ratio_ppm', 'percentile_ppm']);

const ended: ReadonlySet<string> = new Set(['settled', 'closed']);

function sharesOf(record: CreditRecord): number | undefined {
  if (record.record !== 'account' || !record.co_lenders) return undefined;
  return record.co_lenders.reduce((sum, { share_ppm }) => sum + share_ppm, 0);
}

function bucketsOf({ overdue_principal }: AccountRecord): string | undefined {
  if (!overdue_principal) return undefined;
  return String(Object.values(overdue_principal).reduce((sum, amount) => sum + BigInt(amount), 0n));
}

const exceeds = (amount: string | undefined, other: string | undefined): boolean =>
  amount !== undefined && other !== undefined && BigInt(amount) > BigInt(other);

/** Later as far as both dates are told: '2024' is not after '2024-03'. */
function isAfter(from: string | undefined, to: string | undefined): boolean {
  if (from === undefined || to === undefined) return false;
  const told = Math.min(from.length, to.length);
  return from.slice(0, told) > to.slice(0, told);
}

function textOf(record: CreditRecord, field: string): string | undefined {
  const value = (record as Readonly<Record<string, unknown>>)[field];
  return typeof value === 'string' ? value : undefined;
}
