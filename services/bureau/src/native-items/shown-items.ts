import type { CreditRecord } from '@causeway/records';
import { withMarks } from '@causeway/records/life/index';
import type { Mark } from '@causeway/records/life/index';
import { openingCategories } from '@causeway/records/projection';
import type { HotStatement, HotTransaction } from '@causeway/service';

import type { SourceAnswer, SourceRecord } from '../sources/source.ts';
import type { NativeItemRow } from '../tables.ts';
import { digestOfItem } from './item-digest.ts';

type Item = Pick<NativeItemRow, 'record' | 'record_id' | 'digest' | 'state' | 'added_on'>;

const readItems: HotStatement = {
  name: 'read_native_items',
  text: `SELECT subject_ref, record, record_id, digest, state, added_on FROM native_item
    WHERE subject_ref = ANY($1::text[]) AND state <> 'over' ORDER BY from_ms, dispute`,
};

/** What was disputed of each of these subjects; the subjects' status locks must be held. */
export async function itemsOf(
  trx: HotTransaction,
  subjectRefs: readonly string[],
): Promise<ReadonlyMap<string, readonly Item[]>> {
  const rows = await trx.query<Item & { subject_ref: string }>(readItems, [[...new Set(subjectRefs)]]);
  return Map.groupBy(rows, ({ subject_ref }) => subject_ref);
}

/**
 * A native answer as it goes out: what was deleted after a dispute is not in it, and what is or was disputed
 * bears that. `today` says the day at the bureau. Answers about subjects who dispute nothing are not parsed.
 */
export function shownOf(
  found: SourceAnswer,
  items: readonly Item[] | undefined,
  today: () => string,
): SourceAnswer {
  if (items === undefined) return found;
  return { ...found, records: found.records.flatMap((record) => shown(record, items, today()) ?? []) };
}

function shown(held: SourceRecord, items: readonly Item[], today: string): SourceRecord | undefined {
  const record = JSON.parse(held.text) as CreditRecord;
  const own = items.filter((item) => item.record === record.record && item.record_id === record.record_id);
  if (own.length === 0) return held;
  if (isWithheld(record, own)) return undefined;
  const marks = new Map(own.flatMap((item) => markOf(item, record) ?? []).map((mark) => [mark.text, mark]));
  const face = withMarks(record, [...marks.values()], today);
  return { text: JSON.stringify(face), as_of: face.as_of, openedBy: openingCategories(face) };
}

/** True for what was deleted after a dispute and is reported as it was. */
export const isWithheld = (
  record: CreditRecord,
  items: readonly Pick<NativeItemRow, 'digest' | 'state'>[],
): boolean => items.some((item) => item.state === 'withheld' && saysTheSame(record, item));

const saysTheSame = (record: CreditRecord, { digest }: Pick<NativeItemRow, 'digest'>): boolean =>
  digest === null || digest === digestOfItem(record);

/** What a record bears of one dispute. Once it says something else than was found wrong, nothing. */
function markOf(item: Item, record: CreditRecord): Mark | undefined {
  const { added_on, state } = item;
  if (state === 'marked') return { kind: 'dispute_mark', added_on };
  const text = notes[state];
  if (text === undefined || (state === 'corrected' && !saysTheSame(record, item))) return undefined;
  return { kind: 'bureau_note', text, added_on };
}

/** As hosted records bear them, and one for what is reported again although it was found wrong. */
const notes: Readonly<Partial<Record<Item['state'], string>>> = {
  noted: 'disputed; who is right could not be determined',
  corrected: 'found to be wrong in a dispute, and reported so again',
  withheld: 'reinserted after its deletion',
};
