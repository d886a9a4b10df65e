import { CausewayError } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import type { DisputeEvent } from '@causeway/records/disputes/index';
import { readRecord } from '@causeway/records/faults';
import type pg from 'pg';

import { keyOf, lockRecords } from '../life/restamp.ts';
import type { StampedRow } from '../life/restamp.ts';
import { bury } from '../store/bury.ts';
import { nextVersion } from '../store/next-version.ts';
import { priorVersions } from '../store/prior-versions.ts';
import type { RecordKey } from '../store/record-key.ts';
import { writeVersions } from '../store/write-versions.ts';
import type { KeyedVersion } from '../store/write-versions.ts';
import type { DisputeRow } from '../tables.ts';
import { fixedFields } from './item.ts';
import { inquiriesSince } from './repository.ts';
import { stepWith } from './step.ts';
import type { Handling, Said } from './step.ts';

/** The fields of a record that are to be otherwise; null takes one away. */
export type Change = Readonly<Record<string, unknown>>;

const keysOf = ({ keys }: DisputeRow): RecordKey[] => JSON.parse(keys) as RecordKey[];

/**
 * The item was wrong: its records become their next version, and the dispute ends as corrected.
 * @throws CausewayError `bad_request` for what is no record then, `conflict` where nothing would change
 */
export async function correct(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  change: Change | undefined,
  said: Said,
): Promise<void> {
  const { clock, life } = bureau;
  if (change === undefined)
    throw new CausewayError('bad_request', { pointer: '/set', detail: 'Say what is to be otherwise.' });
  const rows = await lockRecords(client, keysOf(row));
  const priors = await priorVersions(client, rows.map(keyOf));
  const recipients = await recipientsOf(client, rows);
  const versions = rows.map((held, n): KeyedVersion => {
    const at = { subjectKind: held.kind, rules: life(), nowMs: clock.now() };
    const next = nextVersion(changed(held, change), priors[n], at);
    if (next.kind === 'version') return { key: keyOf(held), kind: held.kind, row: next.row };
    throw new CausewayError('conflict', { detail: 'The correction leaves the record as it is.' });
  });
  if (versions.length === 0)
    throw new CausewayError('conflict', { detail: 'The record is not here any more.' });
  await writeVersions(client, versions, Math.max(...rows.map(({ batch }) => batch)));
  await stepWith(bureau, client, row, { kind: 'resolve', outcome: 'corrected' }, { ...said, recipients });
}

function changed({ body, kind }: StampedRow, change: Change): CreditRecord {
  for (const field of Object.keys(change)) {
    if (fixedFields.has(field))
      throw new CausewayError('bad_request', { pointer: `/set/${field}`, detail: 'This field stays.' });
  }
  const entries = Object.entries({ ...(JSON.parse(body) as object), ...change });
  const read = readRecord(Object.fromEntries(entries.filter(([, value]) => value !== null)), kind);
  if ('record' in read) return read.record;
  const [first] = read.faults;
  throw new CausewayError('bad_request', {
    pointer: '/set',
    detail: `With this it is no record: ${first?.field ?? 'record'} ${first?.message ?? ''}.`,
  });
}

/** The rule of a tombstone that a dispute leaves. */
const deletionRule = 'dispute.deleted';

/**
 * The item goes, with its versions and marks; a tombstone stays. `event` says whether somebody has found so,
 * or the time to verify it has run out.
 */
export async function deleteItem(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  event: Extract<DisputeEvent, { kind: 'resolve' | 'lapse' }>,
  said: Said,
): Promise<void> {
  const rows = await lockRecords(client, keysOf(row));
  const recipients = await recipientsOf(client, rows);
  const burials = rows.map((held) => ({ key: keyOf(held), rule: deletionRule, asOf: held.as_of }));
  await bury(client, burials, bureau.clock.now());
  await stepWith(bureau, client, row, event, { ...said, recipients });
}

/** Inquiries under which the records may have gone out since they came here. */
async function recipientsOf(client: pg.PoolClient, rows: readonly StampedRow[]): Promise<string[]> {
  const refs = rows.map(({ subject_ref }) => subject_ref);
  const ids = rows.map(({ source_record_id }) => source_record_id);
  const { rows: stood } = await client.query<{ since: number | null }>(
    `SELECT min(valid_from_ms) AS since FROM (
       SELECT subject_ref, source_record_id, valid_from_ms FROM record
       UNION ALL SELECT subject_ref, source_record_id, valid_from_ms FROM record_version) AS each
     WHERE subject_ref = ANY($1) AND source_record_id = ANY($2)`,
    [refs, ids],
  );
  return await inquiriesSince(client, [...new Set(refs)], Number(stood[0]?.since ?? 0));
}
