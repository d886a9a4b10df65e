import type { PDate } from '@causeway/kernel';
import { readRecord, type CreditRecord } from '@causeway/records';

import { SourceFault } from '../source-fault.ts';
import type { AntiFraud, RiskRow } from './anti-fraud.ts';
import { creditMax, creditMin, type CreditScore } from './credit-score.ts';
import type { Notes } from './notes.ts';
import type { TencentSettings } from './settings.ts';
import { shanghaiDay, type Reading } from './values.ts';

const scheme = 'tencent';
const risky = { min: 0, max: 100, direction: 'higher_riskier' } as const;
const safe = { min: creditMin, max: creditMax, direction: 'higher_safer' } as const;

/** The records of a credit score: one, where the person is known. */
export function creditRecords(credit: CreditScore, nowMs: number, notes: Notes): CreditRecord[] {
  if (!credit.known) return [];
  const { day, indices, requestId, score } = credit;
  const as_of = day ?? assumedDay('UpdateTime', nowMs, notes);
  const record = {
    ...scoreRecord(requestId, 'credit', as_of, score),
    ...safe,
    model: 'tencent-credit',
    ...(Object.keys(indices).length === 0 ? {} : { native_ext: indices }),
  };
  return [checked(record)];
}

/** The records of an anti-fraud answer: its scores, and an entry for each risk code. */
export function antiFraudRecords(
  answer: AntiFraud,
  settings: TencentSettings,
  nowMs: number,
  notes: Notes,
): CreditRecord[] {
  if (!answer.found) return [];
  const { day, models, requestId, risk, rows } = answer;
  const as_of = day ?? assumedDay('PostTime', nowMs, notes);
  const main = { ...scoreRecord(requestId, 'risk', as_of, risk), ...risky, model: 'tencent-af' };
  const others = models
    .filter(({ id, reading }) => id !== '0' || reading !== risk)
    .map(({ id, reading }, at) => {
      if (id === '0') notes.add('OtherModelScores', 'conflict');
      const record = scoreRecord(requestId, `model-${at + 1}`, as_of, reading);
      return { ...record, ...risky, model: 'tencent-af', model_version: id };
    });
  return [...[main, ...others].map(checked), ...entries(rows, requestId, as_of, settings)];
}

function scoreRecord(requestId: string, part: string, as_of: PDate, reading: Reading) {
  return {
    record: 'score' as const,
    category: 'SCORE' as const,
    record_id: `${requestId}.${part}`,
    source_record_id: requestId,
    as_of,
    native_scheme: scheme,
    ...valueOf(reading),
  };
}

function valueOf(reading: Reading): object {
  if (reading === undefined) return { absent: { value: 'unknown_at_source' } };
  if (typeof reading === 'number') return { value: reading };
  return { unscorable_reason: 'not_scored', native: { unscorable_reason: '-1' } };
}

function entries(
  rows: readonly RiskRow[],
  requestId: string,
  as_of: PDate,
  { risk_types }: TencentSettings,
): CreditRecord[] {
  return rows.map(({ amountFen, code, occurred, severity }, at) => {
    const reason = severity === undefined ? 'not_reported' : 'unknown_at_source';
    const known = risk_types !== undefined && Object.hasOwn(risk_types, code);
    return checked({
      record: 'watchlist',
      category: 'WATCHLIST',
      record_id: `${requestId}.list-${at + 1}`,
      source_record_id: requestId,
      as_of,
      list: 'tencent_af',
      sector: 'anti_fraud',
      risk_type: known ? risk_types[code] : 'unclassified',
      risk_code: code,
      native: { risk_type: code },
      native_scheme: scheme,
      ...(typeof severity === 'number' ? { severity } : { absent: { severity: reason } }),
      ...(amountFen === undefined ? {} : { amount: { amount_minor: String(amountFen), currency: 'CNY' } }),
      ...(occurred === undefined ? {} : { occurred }),
    });
  });
}

/** What names an entry in every reply, each of which has another number; order tells those alike apart. */
export const entryName = (record: CreditRecord): string | undefined =>
  record.record === 'watchlist' ? `${record.risk_code} ${record.occurred ?? ''}` : undefined;

function assumedDay(field: string, nowMs: number, notes: Notes): PDate {
  notes.add(field, 'assumed');
  return shanghaiDay(nowMs);
}

function checked(value: object): CreditRecord {
  const read = readRecord(value, 'person');
  if ('record' in read) return read.record;
  throw new SourceFault('upstream_error', `${read.faults[0]?.field ?? 'a field'} is none of the model`);
}
