import { CausewayError, type DirectoryView } from '@causeway/protocol';
import type { Selectable } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { AccessRow } from '../tables.ts';
import { accessesOf, placeOf } from './repository.ts';

const pageMax = 50;

/**
 * A page of the subject's history, over all their references, newest first: who asked, what for, and what
 * was granted or refused. A cursor is the id of a line; one that is not in this subject's history is
 * `not_found`, whether or not it is in another's.
 */
export async function listAccesses(consumer: Consumer, refs: readonly string[], cursor: string | undefined) {
  const { db } = consumer;
  const before = cursor === undefined ? undefined : await placeOf(db, refs, cursor);
  if (cursor !== undefined && before === undefined) throw new CausewayError('not_found');
  const rows = await accessesOf(db, refs, before, pageMax + 1);
  const page = rows.slice(0, pageMax);
  const last = rows.length > pageMax ? page.at(-1) : undefined;
  const directory = consumer.directory();
  return { items: page.map((row) => lineView(row, directory)), ...(last ? { next: last.id } : {}) };
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
