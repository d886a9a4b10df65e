import { dateOf } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { categories } from '@causeway/records/categories';
import type pg from 'pg';

import { digestOfItem } from '../native-items/item-digest.ts';
import { insertItems, itemsUnder } from '../native-items/repository.ts';
import { isWithheld } from '../native-items/shown-items.ts';
import { askNative } from '../sources/ask-native.ts';
import type { NativeSource } from '../sources/source.ts';
import { idUnder, namedRecords } from '../sources/steady-ids.ts';
import type { NamedRecord } from '../sources/steady-ids.ts';
import type { RecordKey } from '../store/record-key.ts';
import type { DisputeRow, NativeItemRow } from '../tables.ts';
import type { Disputed, Named } from './disputed.ts';
import type { Handling } from './step.ts';

/** For the native system, in ms: less than the consumer service and people wait for the bureau. */
const timeoutMs = 3000;

/**
 * What the native system reports of a subject now, for a dispute of theirs; nothing of whom the roster does
 * not have. Never within a transaction: no lock waits for it. `statement` is the digest that it is given as
 * the number of its authorisation.
 * @throws CausewayError `unavailable`, for whatever reason it gave no answer
 */
export async function reportedNow(
  bureau: Handling,
  source: NativeSource,
  refs: readonly string[],
  statement: string,
): Promise<NamedRecord[]> {
  const question = { categories, purpose: 'OWN_ENQUIRY', inquiry: statement, timeoutMs } as const;
  try {
    for (const ref of refs) {
      const found = await askNative(bureau, source, ref, question);
      if (found !== undefined) return namedRecords(found.records, source);
    }
    return [];
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    throw new CausewayError('unavailable', {
      ...{ detail: 'The system that holds the item did not answer.', internal: error.message },
    });
  }
}

/**
 * An item of the bureau's native system, by what that has just reported; the subject's locks must be held.
 * There is none of whom the roster has no more, and none that is withheld.
 */
export async function nativeItem(
  bureau: Handling,
  client: pg.PoolClient,
  named: Named,
  reported: readonly NamedRecord[],
): Promise<Disputed> {
  const meant = (await isInRoster(client, named.subject_refs)) ? meantBy(named, reported) : [];
  const held = await itemsUnder(client, meant.flatMap(keysUnder(named.subject_refs)));
  const shown = meant.filter((each) => {
    const ids = new Set(keysUnder(named.subject_refs)(each).map(({ sourceRecordId }) => sourceRecordId));
    const own = held.filter(({ record, record_id }) => record === each.record.record && ids.has(record_id));
    return !isWithheld(each.record, own);
  });
  const keys = shown.flatMap(keysUnder(named.subject_refs));
  return {
    keys,
    records: shown.map(({ record }) => record),
    isOpen: async () => (await itemsUnder(client, keys)).some(({ state }) => state === 'marked'),
    mark: async ({ id }) => {
      await insertItems(client, shown.flatMap(rowsOf(bureau, named.subject_refs, id)));
      return null;
    },
  };
}

/** An erasure takes the entry away under the same locks: what was found before it is nobody's any more. */
async function isInRoster(client: pg.PoolClient, refs: readonly string[]): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM roster WHERE subject_ref = ANY($1)', [[...refs]]);
  return (rowCount ?? 0) > 0;
}

/** The records that the subject may mean: by the bureau's id in a report of theirs, or the system's own. */
function meantBy({ record: name, subject_refs }: Named, reported: readonly NamedRecord[]): NamedRecord[] {
  const byId = reported.filter((each) => subject_refs.some((ref) => idUnder(ref, each) === name));
  return byId.length > 0 ? byId : reported.filter(({ record }) => record.source_record_id === name);
}

const keysUnder =
  (refs: readonly string[]) =>
  (each: NamedRecord): RecordKey[] =>
    refs.map((subjectRef) => ({
      ...{ subjectRef, record: each.record.record, sourceRecordId: idUnder(subjectRef, each) },
    }));

const rowsOf =
  ({ clock, life }: Handling, refs: readonly string[], dispute: string) =>
  (each: NamedRecord): NativeItemRow[] => {
    const nowMs = clock.now();
    return keysUnder(refs)(each).map(({ record, sourceRecordId, subjectRef }) => ({
      ...{ subject_ref: subjectRef, record, record_id: sourceRecordId, dispute, state: 'marked' },
      ...{ digest: digestOfItem(each.record), added_on: dateOf(nowMs, life().zone) },
      ...{ from_ms: nowMs, state_ms: nowMs },
    }));
  };

/** Under which references the items of a dispute are. */
export const refsOf = ({ keys, subject_ref }: Pick<DisputeRow, 'keys' | 'subject_ref'>): string[] => {
  const refs = (JSON.parse(keys) as RecordKey[]).map(({ subjectRef }) => subjectRef);
  return [...new Set([subject_ref, ...refs])];
};
