import { lockSubjectsOn } from '@causeway/member';
import { CausewayError, sha256Digest } from '@causeway/protocol';
import type { DisputeStatement, Verified } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import { receivedDispute } from '@causeway/records/disputes/index';
import type { RejectionReason } from '@causeway/records/disputes/index';
import { openingCategories } from '@causeway/records/projection';
import type pg from 'pg';

import { markRows } from '../life/marks.ts';
import type { StampedRow } from '../life/restamp.ts';
import { keyOf, stampedColumns } from '../life/restamp.ts';
import { inTransaction } from '../store/in-transaction.ts';
import type { DisputeRow } from '../tables.ts';
import { disputeOnce, hasOpen, insertDispute, lockOpened } from './repository.ts';
import { sealWords, stepWith } from './step.ts';
import type { Handling } from './step.ts';

type Opening = Verified<DisputeStatement>;

/** Who does what the subject asks for, in the steps. */
const bySubject = { by: 'subject' } as const;
const byBureau = { by: 'bureau' } as const;

/**
 * Takes a dispute of the consumer service and marks the item in the same transaction, under the subject's
 * status lock: once this returns, no disclosure shows the item without its mark. What is none of this
 * subject's is rejected by a step of its own, the same whether it is absent or somebody else's. The same
 * statement again changes nothing.
 * @throws CausewayError `digest_mismatch`, `once_conflict`
 */
export async function takeDispute(bureau: Handling, opening: Opening, text: string): Promise<void> {
  const { claims, digest } = opening;
  if (sha256Digest(text) !== claims.text_digest) throw new CausewayError('digest_mismatch');
  // Here, so that nobody waits for a key with a lock in hand.
  await bureau.subjectKeys.of(claims.subject_refs[0] ?? '');
  await inTransaction(bureau.pool, async (client) => {
    await lockSubjectsOn(client, claims.subject_refs);
    const known = await disputeOnce(client, claims.subject_refs[0] ?? '', claims.jti);
    if (known !== undefined && known.digest !== digest) throw new CausewayError('once_conflict');
    if (known !== undefined) return;
    await takeNew(bureau, client, opening, text);
    // A crash before the COMMIT is answered leaves all of it or nothing: the statement comes again.
  });
}

async function takeNew(
  bureau: Handling,
  client: pg.PoolClient,
  opening: Opening,
  text: string,
): Promise<void> {
  const rows = bureau.source.kind === 'hosted' ? await disputedRows(client, opening.claims) : [];
  const fresh = await newRow(bureau, opening, rows, text);
  const reason = await rejectionOf(bureau, client, opening, fresh, rows);
  await insertDispute(client, fresh);
  if (reason !== undefined) {
    await stepWith(bureau, client, fresh, { kind: 'reject', reason }, byBureau);
    return;
  }
  const accepted = await stepWith(bureau, client, fresh, { kind: 'accept' }, byBureau);
  const mark = await markRows(bureau, client, rows, { kind: 'dispute_mark' });
  await stepWith(bureau, client, { ...accepted, mark }, { kind: 'mark' }, byBureau);
}

async function rejectionOf(
  { source }: Handling,
  client: pg.PoolClient,
  { claims }: Opening,
  { keys }: DisputeRow,
  rows: readonly StampedRow[],
): Promise<RejectionReason | undefined> {
  if (source.kind === 'native') return 'elsewhere';
  if (rows.length === 0) return 'no_such_item';
  return (await hasOpen(client, claims.subject_refs, keys)) ? 'already_open' : undefined;
}

/** The records that the subject may mean, locked: by the bureau's own id of it, or by its source's. */
async function disputedRows(client: pg.PoolClient, claims: DisputeStatement): Promise<StampedRow[]> {
  const { rows } = await client.query<StampedRow>(
    `SELECT ${stampedColumns} FROM record AS held JOIN subject USING (subject_ref)
     WHERE held.subject_ref = ANY($1)
       AND (held.source_record_id = $2 OR held.body::json ->> 'record_id' = $2)
     ORDER BY held.subject_ref, held.record, held.source_record_id FOR UPDATE OF held`,
    [claims.subject_refs, claims.record],
  );
  const named = rows.filter(({ body }) => recordIn(body).record_id === claims.record);
  return named.length > 0 ? named : rows;
}

const recordIn = (body: string): CreditRecord => JSON.parse(body) as CreditRecord;

async function newRow(
  bureau: Handling,
  { claims, digest }: Opening,
  rows: readonly StampedRow[],
  text: string,
): Promise<DisputeRow> {
  const place = { subject_ref: claims.subject_refs[0] ?? '', id: claims.jti };
  const records = rows.map(({ body }) => recordIn(body));
  const receivedMs = claims.received_at * 1000;
  return {
    ...{ ...place, digest, iss: claims.iss, record: claims.record, reason: claims.reason },
    keys: JSON.stringify(rows.map(keyOf)),
    categories: [...new Set(records.flatMap((record) => openingCategories(record) ?? [record.category]))],
    words: await sealWords(bureau, place, text),
    provider: records.find(({ source_institution }) => source_institution)?.source_institution ?? null,
    ...{ state: 'received', dossier: JSON.stringify(receivedDispute(receivedMs)), received_ms: receivedMs },
    ...{ handler: null, mark: null, due_ms: null, steps: 0 },
  };
}

/**
 * The subject takes a dispute back. One that is over, or that never came, is left as it is.
 * @throws CausewayError `not_found` where no such dispute was opened here
 */
export async function takeWithdrawal(bureau: Handling, { claims }: Opening): Promise<void> {
  await inTransaction(bureau.pool, async (client) => {
    const row = await lockOpened(client, claims.subject_refs[0] ?? '', claims.opening ?? '');
    if (row === undefined) throw new CausewayError('not_found');
    if (!['marked', 'forwarded', 'answered'].includes(row.state)) return;
    await stepWith(bureau, client, row, { kind: 'withdraw' }, bySubject);
    // A crash before the COMMIT is answered leaves it withdrawn or not: the statement comes again.
  });
}
