import { dateOf, isDate, isPartialDate } from '@causeway/kernel';
import { carriesIdentifier } from '@causeway/records/identifiers';
import type { Absence } from '@causeway/records/primitives';
import type { RecordOf } from '@causeway/records/record';

import { misshapen, NativeFields } from './native-fields.ts';
import type { Notes } from './native-fields.ts';
import type { Reading } from './score-answer.ts';
import { amountBand, overduePeriods, riskTypeOf, sectorOf } from './watchlist-codes.ts';

type WatchlistRecord = RecordOf<'watchlist'>;

/** Where an entry came: the answer's number, and its place there for an entry without an id of its own. */
interface EntryReading extends Reading {
  readonly bizNo: string;
  readonly place: string;
}

/** An entry while its members are read. */
interface Draft {
  readonly absent: Record<string, Absence>;
  readonly native: Record<string, string>;
  readonly native_ext: Record<string, string>;
  readonly notes: Notes;
}

type Part = Partial<WatchlistRecord>;

const extendMax = 32;

/** One of `details`. What is there and cannot be read is absent with a reason, never guessed. */
export function watchlistEntry(fields: NativeFields, reading: EntryReading): WatchlistRecord {
  const { bizNo, notes, nowMs, place } = reading;
  const draft: Draft = { absent: {}, native: {}, native_ext: { biz_no: bizNo }, notes };
  const { absent, native, native_ext } = draft;
  const codes = codesOf(fields, draft);
  const extend = extendOf(fields, notes);
  const id = ownId(extend.get('id'), notes) ?? place;
  const refreshed_on = refreshOf(fields, draft);
  const parts: Part = {
    ...(refreshed_on === undefined ? {} : { refreshed_on }),
    ...severityOf(fields, draft),
    ...settledOf(fields, draft),
    ...amountOf(extend, draft),
    ...occurredOf(extend, draft),
    ...disputeOf(fields, draft),
    ...statementOf(fields, draft),
  };
  fields.done(notes);
  return {
    ...{ record: 'watchlist', category: 'WATCHLIST', record_id: `zhima.watchlist.${id}` },
    ...{ source_record_id: id, as_of: refreshed_on ?? dateOf(nowMs, 'Asia/Shanghai') },
    ...{ list: 'zhima.watchlistii', ...codes, ...parts, native, native_scheme: 'zhima', native_ext },
    ...(Object.keys(absent).length === 0 ? {} : { absent }),
  };
}

type Codes = Pick<WatchlistRecord, 'sector' | 'risk_type' | 'risk_code'>;

/**
 * Sector, kind and code. Each is said to begin with the one before, and in practice does not always: all
 * three are kept as they came, and a disagreement is noted.
 */
function codesOf(fields: NativeFields, { native, native_ext, notes }: Draft): Codes {
  const code = fields.text('code') ?? '';
  const type = fields.text('type') || code.slice(0, 5);
  const sector = fields.text('biz_code') || code.slice(0, 2);
  for (const [name, value] of Object.entries({ code, type, biz_code: sector })) {
    if (!/^[A-Z]{2}[0-9A-Z_]{0,30}$/u.test(value)) throw misshapen(name);
  }
  if (!type.startsWith(sector) || !code.startsWith(type)) notes.add('code', 'conflict');
  if (sectorOf(sector) === 'other') notes.add('biz_code', 'unreadable');
  Object.assign(native, { sector, risk_type: type, risk_code: code });
  const periods = overduePeriods(code);
  if (periods !== undefined) native_ext['overdue_periods'] = periods;
  return { sector: sectorOf(sector), risk_type: riskTypeOf(type), risk_code: code };
}

/** The members of `extend_info` that have a meaning here, by key. Others are dropped with a note. */
function extendOf(fields: NativeFields, notes: Notes): ReadonlyMap<string, string> {
  const known = new Set(['id', 'event_max_amt_code', 'event_end_time_desc']);
  const found = new Map<string, string>();
  for (const item of fields.list('extend_info', extendMax) ?? []) {
    // The description is a label for people and depends on nothing but the key.
    const pair = new NativeFields(item).skip('description');
    const [key, value] = [pair.text('key') ?? '', pair.text('value') ?? ''];
    pair.done(notes);
    if (!known.has(key)) notes.add(key, 'dropped');
    else if (found.has(key) && found.get(key) !== value) throw misshapen('a key that stands twice');
    else found.set(key, value);
  }
  return found;
}

function ownId(id: string | undefined, notes: Notes): string | undefined {
  if (id === undefined || id === '') return undefined;
  if (/^[A-Za-z0-9_.-]{1,100}$/u.test(id) && !carriesIdentifier(id)) return id;
  notes.add('id', 'unreadable');
  return undefined;
}

/** 'yyyy-MM-dd HH:mm:ss' in Shanghai time, kept as it came beside its day. */
function refreshOf(fields: NativeFields, { native_ext, notes }: Draft): string | undefined {
  const text = fields.text('refresh_time') ?? '';
  if (text === '') {
    notes.add('as_of', 'assumed');
    return undefined;
  }
  const [, day = ''] = /^(\d{4}-\d{2}-\d{2}) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/u.exec(text) ?? [];
  if (!isDate(day)) throw misshapen('refresh_time');
  native_ext['refresh_time'] = text;
  return day;
}

/** 0 to 3. Old versions say 0 whatever they hold, so that a 0 is kept and noted as doubtful. */
function severityOf(fields: NativeFields, { absent, native, notes }: Draft): Part {
  const level = fields.text('level');
  if (level === undefined) return {};
  if (!/^[0-3]$/u.test(level)) {
    if (level !== '') notes.add('level', 'unreadable');
    absent['severity'] = 'unknown_at_source';
    return {};
  }
  if (level === '0') notes.add('level', 'assumed');
  native['severity'] = level;
  return { severity: Number(level) };
}

function settledOf(fields: NativeFields, { absent }: Draft): Part {
  const settled = fields.flag('settlement');
  if (settled === 'unknown') absent['settled'] = 'unknown_at_source';
  return typeof settled === 'boolean' ? { settled } : {};
}

function amountOf(extend: ReadonlyMap<string, string>, { absent, notes }: Draft): Part {
  const code = extend.get('event_max_amt_code');
  if (code === undefined) return {};
  const amount = amountBand(code);
  if (amount !== undefined) return { amount };
  absent['amount'] = 'unknown_at_source';
  if (code !== '') notes.add('event_max_amt_code', 'unreadable');
  return {};
}

function occurredOf(extend: ReadonlyMap<string, string>, { absent, notes }: Draft): Part {
  const occurred = extend.get('event_end_time_desc');
  if (occurred === undefined) return {};
  if (isPartialDate(occurred)) return { occurred };
  absent['occurred'] = 'unknown_at_source';
  if (occurred !== '') notes.add('event_end_time_desc', 'unreadable');
  return {};
}

/** Stages of an objection, in the words of this project's simulator; another word is no known stage. */
const stages: Readonly<Record<string, 'open' | 'resolved'>> = { PROCESSING: 'open', FINISHED: 'resolved' };

/** An entry whose objection is open, or may be, travels marked. */
function disputeOf(fields: NativeFields, { native, notes }: Draft): Part {
  const status = fields.text('status');
  if (status === undefined) return {};
  if (status === '') return { dispute_state: 'none' };
  if (!/^[A-Za-z0-9_]{1,32}$/u.test(status)) throw misshapen('status');
  const dispute_state = (Object.hasOwn(stages, status) ? stages[status] : undefined) ?? 'unknown';
  native['dispute_state'] = status;
  if (dispute_state === 'resolved') return { dispute_state };
  if (dispute_state === 'unknown') notes.add('status', 'unreadable');
  return { dispute_state, display_state: 'marked' };
}

const statementMax = 1000;

/** What the person says to it, on one line. A text with somebody's number in it does not travel. */
function statementOf(fields: NativeFields, { absent, notes }: Draft): Part {
  const text = fields.text('statement') ?? '';
  const line = text.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  if (line === '') return {};
  const readable = line.length <= statementMax && !/\p{C}/u.test(line);
  if (readable && !carriesIdentifier(line)) {
    if (line !== text) notes.add('statement', 'assumed');
    return { statement: line };
  }
  absent['statement'] = readable ? 'withheld_policy' : 'unknown_at_source';
  notes.add('statement', readable ? 'dropped' : 'unreadable');
  return {};
}
