import { CausewayError, type DirectoryView } from '@causeway/protocol';
import type { Selectable } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { AccessRow } from '../tables.ts';
import { accessesOf, placeOf } from './repository.ts';

const pageMax = 50;

/**
 * A page of the subject's history, over all their references, newest first: who asked, what for, and what
 * was granted or refused, and the proof that its leaf is in a ledger. A cursor is the id of a line; one
 * that is not in this subject's history is `not_found`, whether or not it is in another's.
 */
export async function listAccesses(consumer: Consumer, refs: readonly string[], cursor: string | undefined) {
  const { db } = consumer;
  const before = cursor === undefined ? undefined : await placeOf(db, refs, cursor);
  if (cursor !== undefined && before === undefined) throw new CausewayError('not_found');
  const rows = await accessesOf(db, refs, before, pageMax + 1);
  const page = rows.slice(0, pageMax);
  const last = rows.length > pageMax ? page.at(-1) : undefined;
  const directory = consumer.directory();
  const proofs = await consumer.ledger.proofsOf(page.map(({ leaf }) => leaf));
  const items = page.map((row) => ({
    ...lineView(row, directory),
    ...proofView(row, { proofs, directory, self: consumer.key.member }),
  }));
  return { items, ...(last ? { next: last.id } : {}) };
}

function lineView(row: Selectable<AccessRow>, directory: DirectoryView) {
  return {
    id: row.id,
    at: new Date(row.at_ms).toISOString(),
    lender: row.lender,
    lender_name: directory.member(row.lender)?.legal_name ?? row.lender,
    purpose: row.purpose,
    categories: row.categories,
    bureaus: row.bureaus,
    outcome: row.outcome,
    ...(row.code === null ? {} : { code: row.code }),
    inquiry: row.inquiry,
    ...(row.use === 0 ? {} : { use: row.use }),
    decided_by: row.decided_by,
    leaf: row.leaf,
  };
}

interface Proving {
  readonly proofs: ReadonlyMap<string, string>;
  readonly directory: DirectoryView;
  readonly self: string;
}

/**
 * Whose ledger has the line's leaf, and the proof of it, a C2SP tlog-proof. Who decides signs, and the leaf
 * is in the ledger of who signs: the broker's for what it refused by itself, where everybody can fetch the
 * proof. A leaf of our own is without while no checkpoint covers it, which is for a second.
 */
function proofView(
  { leaf, decided_by: ledger }: Selectable<AccessRow>,
  { proofs, directory, self }: Proving,
) {
  const proof = proofs.get(leaf) ?? null;
  if (proof !== null) return { ledger: self, proof };
  if (ledger === self) return { ledger, proof, proof_absent: 'pending' as const };
  const base = directory.member(ledger)?.endpoints.public;
  const at = base === undefined ? {} : { proof_url: `${base}/ledger/proof/${leaf}` };
  return { ledger, proof, proof_absent: 'other_ledger' as const, ...at };
}
