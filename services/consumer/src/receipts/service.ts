import { CausewayError, type DirectoryView } from '@causeway/protocol';
import { findConsent } from '../consents/repository.ts';
import { openStatement } from '../consents/sealed-statement.ts';
import type { Consumer } from '../consumer.ts';
import { agentsOf } from '../mandates/list.ts';
import { receiptOf } from '../stops/receipt.ts';
import { findStop } from '../stops/repository.ts';
import { findReceipt, receiptsOf, type ReceiptRow } from './repository.ts';

const pageMax = 50;

/**
 * A page of what has become of the subject's consents and freezes, newest first. A cursor is the id of a
 * receipt; one that is not this subject's is `not_found`.
 */
export async function listReceipts(consumer: Consumer, refs: readonly string[], cursor: string | undefined) {
  const before = cursor === undefined ? undefined : await findReceipt(consumer.db, refs, cursor);
  if (cursor !== undefined && before === undefined) throw new CausewayError('not_found');
  const rows = await receiptsOf(consumer.db, refs, before, pageMax + 1);
  const page = rows.slice(0, pageMax);
  const last = rows.length > pageMax ? page.at(-1) : undefined;
  const directory = consumer.directory();
  const agents = await agentsOf(consumer, refs);
  return { items: page.map((row) => lineView(row, directory, agents)), ...(last ? { next: last.id } : {}) };
}

/**
 * A receipt to keep: the signed statement that proves the change, its leaf in this service's ledger and the
 * proof of it, and, behind a stop, who has acknowledged. An end that came by itself is proven by the consent,
 * which says until when and how often it holds. Throws `not_found` for another subject's, as for an absent
 * one.
 */
export async function readReceipt(consumer: Consumer, refs: readonly string[], id: string) {
  const row = await findReceipt(consumer.db, refs, id);
  if (row === undefined) throw new CausewayError('not_found');
  const proofs = await consumer.ledger.proofsOf([row.digest]);
  const kept =
    row.sequence === null ? await givenUnder(consumer, row) : await stopped(consumer, row, row.sequence);
  const agents = await agentsOf(consumer, refs);
  return { ...lineView(row, consumer.directory(), agents), ...kept, proof: proofs.get(row.digest) ?? null };
}

async function givenUnder(consumer: Consumer, { digest, subject_ref }: ReceiptRow) {
  const consent = await findConsent(consumer.db, subject_ref, digest);
  if (consent === undefined)
    throw new CausewayError('internal', { internal: 'a receipt without its consent' });
  return { receipt: await openStatement(consumer, consent), leaf: digest };
}

async function stopped({ clock, db }: Consumer, { subject_ref }: ReceiptRow, sequence: number) {
  const stop = await findStop(db, { subject_ref, sequence });
  if (stop === undefined) throw new CausewayError('internal', { internal: 'a receipt without its stop' });
  return await receiptOf(db, stop, clock.now());
}

function lineView(
  { at_ms, change, consent, freeze_id, id, kind, lender, mandate, purposes }: ReceiptRow,
  directory: DirectoryView,
  agents: Awaited<ReturnType<typeof agentsOf>>,
) {
  return {
    ...{ id, at: new Date(at_ms).toISOString(), change },
    ...(consent === null ? {} : { consent }),
    ...(freeze_id === null ? {} : { freeze: freeze_id }),
    ...(lender === null ? {} : { lender, lender_name: directory.member(lender)?.legal_name ?? lender }),
    ...(purposes === null ? {} : { purposes }),
    ...(kind === 'provide' ? { kind } : {}),
    ...(mandate === null ? {} : { by: agents.get(mandate) }),
  };
}
