import { lockSubjectsOn } from '@causeway/member';
import { CausewayError, sha256Digest } from '@causeway/protocol';
import type { DisputeStatement, Verified } from '@causeway/protocol';
import { receivedDispute } from '@causeway/records/disputes/index';
import type { RejectionReason } from '@causeway/records/disputes/index';
import { openingCategories } from '@causeway/records/projection';
import type pg from 'pg';

import type { NamedRecord } from '../sources/steady-ids.ts';
import { inTransaction } from '../store/in-transaction.ts';
import type { DisputeRow } from '../tables.ts';
import { hostedItem } from './disputed.ts';
import type { Disputed } from './disputed.ts';
import { nativeItem, reportedNow } from './native-item.ts';
import { disputeOnce, findDispute, insertDispute, lockOpened } from './repository.ts';
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
 * statement again changes nothing. Where the records lie in a native system, that is asked before.
 * @throws CausewayError `digest_mismatch`, `once_conflict`, `unavailable`
 */
export async function takeDispute(bureau: Handling, opening: Opening, text: string): Promise<void> {
  const { claims, digest } = opening;
  if (sha256Digest(text) !== claims.text_digest) throw new CausewayError('digest_mismatch');
  // Here, so that nobody waits for a key with a lock in hand.
  await bureau.subjectKeys.of(claims.subject_refs[0] ?? '');
  const reported = await askedFor(bureau, opening);
  await inTransaction(bureau.pool, async (client) => {
    await lockSubjectsOn(client, claims.subject_refs);
    const known = await disputeOnce(client, claims.subject_refs[0] ?? '', claims.jti);
    if (known !== undefined && known.digest !== digest) throw new CausewayError('once_conflict');
    if (known !== undefined) return;
    await takeNew(bureau, client, opening, { reported, text });
    // A crash before the COMMIT is answered leaves all of it or nothing: the statement comes again.
  });
}

/**
 * What a native system reports of the subject, asked before anything is locked; undefined where the bureau
 * has a store of its own, and for what was taken before.
 * @throws CausewayError `unavailable`: nothing is written, and the consumer service sends again
 */
async function askedFor(bureau: Handling, { claims, digest }: Opening): Promise<Reported> {
  const { db, source } = bureau;
  if (source.kind === 'hosted') return undefined;
  const known = await findDispute(db, claims.jti);
  if (known !== undefined && known.subject_ref === claims.subject_refs[0]) return undefined;
  return await reportedNow(bureau, source, claims.subject_refs, digest);
}

type Reported = readonly NamedRecord[] | undefined;

async function takeNew(
  bureau: Handling,
  client: pg.PoolClient,
  opening: Opening,
  { reported, text }: { readonly reported: Reported; readonly text: string },
): Promise<void> {
  const item =
    reported === undefined
      ? await hostedItem(bureau, client, opening.claims)
      : await nativeItem(bureau, client, opening.claims, reported);
  const fresh = await newRow(bureau, opening, item, text);
  const reason = await rejectionOf(item);
  await insertDispute(client, fresh);
  if (reason !== undefined) {
    await stepWith(bureau, client, fresh, { kind: 'reject', reason }, byBureau);
    return;
  }
  const accepted = await stepWith(bureau, client, fresh, { kind: 'accept' }, byBureau);
  const mark = await item.mark(fresh);
  await stepWith(bureau, client, { ...accepted, mark }, { kind: 'mark' }, byBureau);
}

async function rejectionOf(item: Disputed): Promise<RejectionReason | undefined> {
  if (item.keys.length === 0) return 'no_such_item';
  return (await item.isOpen()) ? 'already_open' : undefined;
}

async function newRow(
  bureau: Handling,
  { claims, digest }: Opening,
  { keys, records }: Disputed,
  text: string,
): Promise<DisputeRow> {
  const place = { subject_ref: claims.subject_refs[0] ?? '', id: claims.jti };
  const receivedMs = claims.received_at * 1000;
  return {
    ...{ ...place, digest, iss: claims.iss, record: claims.record, reason: claims.reason },
    keys: JSON.stringify(keys),
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
