import { embargoesOf, NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError, type DirectoryView } from '@causeway/protocol';
import type { Selectable } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { AccessRow } from '../tables.ts';
import { dayOf } from './line-terms.ts';
import { accessesOf, placeOf } from './repository.ts';

const pageMax = 50;
/** What policy shows late is the same for everybody, whether or not somebody has asked about them. */
const shownLate = embargoesOf(NATIONAL_POLICY);

/**
 * A page of the subject's history, over all their references, newest first: who asked, what for, and what
 * was granted or refused, and the proof that its leaf is in a ledger. A line under an embargo is
 * not there before its day, by no page, cursor or count, and then it is in its place. A cursor is the id of a
 * line; one that is not in this subject's history is `not_found`, whether or not it is in another's, or will
 * be in this one.
 */
export async function listAccesses(consumer: Consumer, refs: readonly string[], cursor: string | undefined) {
  const { clock, db } = consumer;
  const nowMs = clock.now();
  const before = cursor === undefined ? undefined : await placeOf(db, refs, { id: cursor, nowMs });
  if (cursor !== undefined && before === undefined) throw new CausewayError('not_found');
  const rows = await accessesOf(db, refs, { before, limit: pageMax + 1, nowMs });
  const page = rows.slice(0, pageMax);
  const last = rows.length > pageMax ? page.at(-1) : undefined;
  const directory = consumer.directory();
  const proofs = await consumer.ledger.proofsOf(page.map(({ leaf }) => leaf));
  const items = page.map((row) => ({
    ...lineView(row, directory),
    ...proofView(row, { proofs, directory, self: consumer.key.member }),
  }));
  return { items, ...(last ? { next: last.id } : {}), shown_late: shownLate };
}

function lineView(row: Selectable<AccessRow>, directory: DirectoryView) {
  const { embargo, granularity, named_as } = row.shown_as ?? {};
  return {
    id: row.id,
    at: granularity === 'date' ? dayOf(row.at_ms) : new Date(row.at_ms).toISOString(),
    ...(embargo === undefined ? {} : { embargo }),
    ...(named_as === undefined ? {} : { named_as }),
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
