import { dateOf, isDate } from '@causeway/kernel';
import type { Absence } from '@causeway/records/primitives';
import type { RecordOf } from '@causeway/records/record';

import { misshapen } from './native-fields.ts';
import type { NativeFields, Notes } from './native-fields.ts';

type ScoreRecord = RecordOf<'score'>;

/** What an answer is read with: the moment of the question and where doubts are noted. */
export interface Reading {
  readonly nowMs: number;
  readonly notes: Notes;
}

/** Zhima's own models and their ranges, which are not comparable with each other. */
const models = {
  person: { model: 'zhima.credit.score', min: 350, max: 950 },
  enterprise: { model: 'zhima.credit.ep.score', min: 1000, max: 2000 },
  brief: { model: 'zhima.credit.score.brief', min: 350, max: 950 },
} as const;

/** Why an enterprise has no score, by Zhima's code. */
const reasons: Readonly<Record<string, string>> = {
  STATUS_UNNORMAL: 'status_abnormal',
  NOT_JURIDICAL_ENTITY: 'not_a_legal_entity',
  USER_CLOSED: 'closed_by_subject',
  CAN_NOT_GET_INFO: 'no_information',
};

/** zhima.credit.score.get. The answer has no date: it is true on the day it is asked. */
export function personScore(fields: NativeFields, { notes, nowMs }: Reading): ScoreRecord {
  notes.add('as_of', 'assumed');
  return {
    ...opening(fields, 'person', dateOf(nowMs, 'Asia/Shanghai')),
    ...valueOf(fields, 'person', 'not_scored'),
  };
}

/** zhima.credit.ep.score.get. `reason` says why there is no score; beside a score it is a reason for it. */
export function enterpriseScore(fields: NativeFields, { notes, nowMs }: Reading): ScoreRecord {
  const day = compactDay(fields.text('eval_date'));
  if (day === undefined) notes.add('as_of', 'assumed');
  const reason = fields.text('reason') ?? '';
  if (reason !== '' && !/^[A-Z0-9_]{1,64}$/u.test(reason)) throw misshapen('reason');
  const why = Object.hasOwn(reasons, reason) ? reasons[reason] : undefined;
  if (reason !== '' && why === undefined) notes.add('reason', 'unreadable');
  const head = opening(fields, 'enterprise', day ?? dateOf(nowMs, 'Asia/Shanghai'));
  const value = valueOf(fields, 'enterprise', why ?? (reason === '' ? 'not_stated' : 'other'));
  if (reason === '') return { ...head, ...value };
  if (value.value !== undefined) return { ...head, ...value, reasons: [{ rank: 1, code: reason }] };
  return { ...head, ...value, native: { ...value.native, unscorable_reason: reason } };
}

/**
 * zhima.credit.score.brief.get: whether the score reaches the threshold that was asked about, and not the
 * score. It becomes a grade; the value is there and withheld for want of the person's authorisation.
 */
export function briefScore(fields: NativeFields, threshold: number, { notes, nowMs }: Reading): ScoreRecord {
  notes.add('as_of', 'assumed');
  const head = opening(fields, 'brief', dateOf(nowMs, 'Asia/Shanghai'));
  const native_ext = { admittance_score: String(threshold) };
  const answer = fields.text('is_admittance');
  if (answer === 'N/A') {
    const absent = { value: 'unknown_at_source', grade: 'unknown_at_source' } as const;
    return { ...head, unscorable_reason: 'not_scored', absent, native: { grade: answer }, native_ext };
  }
  if (answer !== 'Y' && answer !== 'N') throw misshapen('is_admittance');
  const grade = `${answer === 'Y' ? 'at_least' : 'below'}_${threshold}`;
  return { ...head, grade, absent: { value: 'withheld_consent' }, native: { grade: answer }, native_ext };
}

function opening(fields: NativeFields, model: keyof typeof models, as_of: string): ScoreRecord {
  const id = businessNumber(fields);
  return {
    ...{ record: 'score', category: 'SCORE', record_id: `zhima.score.${id}`, source_record_id: id },
    ...{ as_of, native_scheme: 'zhima', direction: 'higher_safer', ...models[model] },
  };
}

type Value = Pick<ScoreRecord, 'value' | 'unscorable_reason' | 'absent' | 'native'>;

/** A number outside of its model's range is no score, however plausible. */
function valueOf(fields: NativeFields, model: 'person' | 'enterprise', unscorable: string): Value {
  const text = fields.text('zm_score') ?? '';
  if (text === 'N/A') {
    const absent: Record<string, Absence> = { value: 'unknown_at_source' };
    return { unscorable_reason: unscorable, absent, native: { value: text } };
  }
  const value = Number(text);
  const { max, min } = models[model];
  if (!/^[1-9][0-9]{2,3}$/u.test(text) || value < min || value > max) throw misshapen('zm_score');
  return { value, native: { value: text } };
}

/** '20170315' as a date; undefined where the member is missing or says nothing. */
function compactDay(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  const day = text.replace(/^(\d{4})(\d{2})(\d{2})$/u, '$1-$2-$3');
  if (!isDate(day)) throw misshapen('eval_date');
  return day;
}

/** Zhima's number of one answer, by which it settles accounts. */
export function businessNumber(fields: NativeFields): string {
  const id = fields.text('biz_no') ?? '';
  if (!/^[A-Za-z0-9_-]{1,64}$/u.test(id)) throw misshapen('biz_no');
  return id;
}
