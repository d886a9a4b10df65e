import type { RecordOf } from '@causeway/records/record';

import type { Holding } from '../native-system.ts';
import { bandCode, sectorCode } from './native-codes.ts';
import type { NativeObject, NativeValue } from './native-json.ts';
import type { ZhimaQuirks } from './zhima-quirks.ts';

type WatchlistRecord = RecordOf<'watchlist'>;
type ScoreRecord = RecordOf<'score'>;

type Style = Pick<ZhimaQuirks, 'score' | 'levels' | 'details'>;

/** A holding as a method answers it, without `code` and `biz_no`. */
export function answerOf(
  method: string,
  holding: Holding,
  content: NativeObject,
  style: Style,
): NativeObject {
  switch (method) {
    case 'zhima.credit.score.get':
      return { zm_score: scoreText(scoreOf(holding), style) };
    case 'zhima.credit.ep.score.get':
      return enterpriseAnswer(scoreOf(holding), style);
    case 'zhima.credit.score.brief.get':
      return { is_admittance: admittance(scoreOf(holding), Number(content['admittance_score']), style) };
    case 'zhima.credit.watchlistii.get':
      return watchlistAnswer(entriesOf(holding), style);
    case 'zhima.credit.watchlist.brief.get':
      return { level: briefLevel(entriesOf(holding)) };
    default:
      throw new RangeError('not a method of this gateway');
  }
}

const scoreOf = ({ records }: Holding): ScoreRecord | undefined =>
  records.find((record) => record.record === 'score');

const entriesOf = ({ records }: Holding): WatchlistRecord[] =>
  records.filter((record) => record.record === 'watchlist');

function scoreText(score: ScoreRecord | undefined, style: Style): string {
  return style.score === 'not_scored' || score?.value === undefined ? 'N/A' : String(score.value);
}

function enterpriseAnswer(score: ScoreRecord | undefined, style: Style): NativeObject {
  const reason = score?.native?.['unscorable_reason'] ?? score?.reasons?.[0]?.code;
  return {
    zm_score: scoreText(score, style),
    ...(score === undefined ? {} : { eval_date: score.as_of.replaceAll('-', '') }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function admittance(score: ScoreRecord | undefined, threshold: number, style: Style): string {
  const text = scoreText(score, style);
  if (text === 'N/A') return text;
  return Number(text) >= threshold ? 'Y' : 'N';
}

/** The worst level of all entries; an entry without one is a light one. */
function briefLevel(entries: readonly WatchlistRecord[]): string {
  return String(Math.max(0, ...entries.map(({ severity }) => severity ?? 1)));
}

function watchlistAnswer(entries: readonly WatchlistRecord[], style: Style): NativeObject {
  if (entries.length > 0) {
    return { is_matched: true, details: entries.map((entry) => detailOf(entry, style)) };
  }
  return { is_matched: false, ...(style.details === 'empty' ? { details: [] } : {}) };
}

/** A field that is absent for a reason is there and says nothing; one that is nowhere is missing. */
function given(entry: WatchlistRecord, field: 'settled' | 'severity' | 'amount' | 'occurred'): boolean {
  return entry[field] !== undefined || entry.absent?.[field] !== undefined;
}

function detailOf(entry: WatchlistRecord, style: Style): NativeObject {
  const { dispute_state, native = {}, refreshed_on, risk_code, severity, statement } = entry;
  const refreshed = entry.native_ext?.['refresh_time'] ?? (refreshed_on && `${refreshed_on} 00:00:00`);
  const level = style.levels === 'always_zero' ? 0 : (severity ?? null);
  return {
    biz_code: native['sector'] ?? sectorCode(entry.sector),
    type: native['risk_type'] ?? risk_code.slice(0, 5),
    code: risk_code,
    ...(given(entry, 'severity') || style.levels === 'always_zero' ? { level } : {}),
    ...(refreshed === undefined ? {} : { refresh_time: refreshed }),
    ...(given(entry, 'settled') ? { settlement: entry.settled ?? null } : {}),
    ...(dispute_state === undefined ? {} : { status: native['dispute_state'] ?? stages[dispute_state] }),
    ...(statement === undefined ? {} : { statement }),
    extend_info: extendInfo(entry),
  };
}

/** Our words for the stages of an objection; those of the real gateway are not public. */
const stages = { none: '', open: 'PROCESSING', resolved: 'FINISHED', unknown: 'OTHER' } as const;

function extendInfo(entry: WatchlistRecord): NativeValue {
  const pairs = [{ key: 'id', value: entry.source_record_id, description: '编号' }];
  if (given(entry, 'amount')) {
    const value = entry.amount === undefined ? '' : bandCode(entry.amount);
    pairs.unshift({ key: 'event_max_amt_code', value, description: '逾期金额（元）' });
  }
  if (given(entry, 'occurred')) {
    pairs.push({ key: 'event_end_time_desc', value: entry.occurred ?? '', description: '最近一次违约时间' });
  }
  return pairs;
}
