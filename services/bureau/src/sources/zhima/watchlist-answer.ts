import { dateOf } from '@causeway/kernel';
import type { RecordOf } from '@causeway/records/record';

import { SourceFault } from '../source-fault.ts';
import { misshapen, NativeFields } from './native-fields.ts';
import type { Reading } from './score-answer.ts';
import { businessNumber } from './score-answer.ts';
import { watchlistEntry } from './watchlist-entry.ts';

type WatchlistRecord = RecordOf<'watchlist'>;

const detailsMax = 500;

/**
 * zhima.credit.watchlistii.get. Not matched is a fact about a known subject: no entry. Matched without
 * details is an answer that says itself that it is not whole.
 */
export function watchlistEntries(fields: NativeFields, reading: Reading): WatchlistRecord[] {
  const bizNo = businessNumber(fields);
  const matched = fields.flag('is_matched');
  const details = fields.list('details', detailsMax) ?? [];
  if (typeof matched !== 'boolean') throw misshapen('is_matched');
  if (!matched && details.length > 0) throw misshapen('details of no match');
  if (matched && details.length === 0) {
    throw new SourceFault('partial', 'a match is reported and its details are not there');
  }
  const taken = new Set<string>();
  const entries = details.map((detail, at) => {
    const place = `${bizNo}.${at + 1}`;
    const entry = watchlistEntry(new NativeFields(detail), { ...reading, place, bizNo });
    if (!taken.has(entry.source_record_id)) {
      taken.add(entry.source_record_id);
      return entry;
    }
    reading.notes.add('id', 'conflict');
    return { ...entry, record_id: `zhima.watchlist.${place}`, source_record_id: place };
  });
  if (new Set(entries.map(({ record_id }) => record_id)).size < entries.length) throw misshapen('id');
  return entries;
}

/** What names an entry that has the number of its answer and none of its own; of others the id stays. */
export function entryName(record: WatchlistRecord): string | undefined {
  const { list, native_ext, occurred, risk_code, source_record_id } = record;
  if (list === 'zhima.watchlist.brief') return list;
  const number = native_ext?.['biz_no'];
  if (number === undefined || !source_record_id.startsWith(`${number}.`)) return undefined;
  return `${risk_code} ${occurred ?? ''}`;
}

/**
 * zhima.credit.watchlist.brief.get: one level for the person, and neither sector nor event. 0 is no entry,
 * 1 to 3 one entry without what only an authorisation opens. 'N/A' is no answer: silence would read as
 * "nothing listed".
 */
export function briefWatchlist(fields: NativeFields, { notes, nowMs }: Reading): WatchlistRecord[] {
  const bizNo = businessNumber(fields);
  const level = fields.text('level') ?? '';
  if (level === '0') return [];
  if (level === 'N/A') throw new SourceFault('partial', 'the watch list cannot be judged', 'level N/A');
  if (!/^[1-3]$/u.test(level)) throw misshapen('level');
  notes.add('as_of', 'assumed');
  return [
    {
      ...{ record: 'watchlist', category: 'WATCHLIST', record_id: `zhima.watchlist.${bizNo}` },
      ...{ source_record_id: bizNo, as_of: dateOf(nowMs, 'Asia/Shanghai'), native_scheme: 'zhima' },
      ...{ list: 'zhima.watchlist.brief', sector: 'unspecified', risk_type: 'overdue' },
      ...{ risk_code: `level-${level}`, severity: Number(level), native: { severity: level } },
      absent: {
        ...{ amount: 'withheld_consent', occurred: 'withheld_consent', settled: 'withheld_consent' },
      },
    },
  ];
}
