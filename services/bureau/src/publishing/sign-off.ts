import { CausewayError } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { Staff } from '@causeway/service/staff/staff-store';
import type { BureauTables } from '../tables.ts';
import { findBatch } from './repository.ts';
import type { Batch } from './repository.ts';
import { uploadsOf } from './uploads.ts';
import type { BatchKey } from './uploads.ts';

type Db = Kysely<BureauTables>;

/** What somebody signs off: what they have read, and their own name, typed. */
export interface SignOff {
  readonly name: string;
  /** Digest of the batch statement. */
  readonly statement: string;
  readonly lines: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly warnings: number;
  readonly deleted: number;
}

const figures = ['lines', 'accepted', 'rejected', 'warnings', 'deleted'] as const;

/** The sign-off of a batch, where there is one. */
export async function signOffOf(db: Db, { digest, mapping }: BatchKey) {
  return await db
    .selectFrom('batch_sign_off')
    .select(['person', 'name', 'statement_digest', 'bytes', ...figures, 'at_ms'])
    .where('batch', '=', digest)
    .where('mapping', '=', mapping)
    .executeTakeFirst();
}

/**
 * Signs a complete batch off, once, by somebody else than who brought it. Their name is typed as it is known,
 * and the figures and the statement are those that they have read.
 * @throws CausewayError `not_found`; `approval_insufficient` for who brought the batch; `bad_request` for
 * another name; `conflict` where it is not complete, says otherwise by now, or is signed off already
 */
export async function signOff(
  db: Db,
  { digest, mapping }: { readonly digest: string; readonly mapping: string },
  staff: Staff,
  signed: SignOff,
  nowMs: number,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const batch = await findBatch(trx, digest, mapping);
    if (batch === undefined) throw new CausewayError('not_found');
    const uploads = await uploadsOf(trx, batch);
    if (uploads.some(({ person }) => person === staff.person)) {
      throw new CausewayError('approval_insufficient', {
        detail: 'Whoever brought a file does not sign it off; this takes another person.',
      });
    }
    if (plain(signed.name) !== plain(staff.name)) {
      throw new CausewayError('bad_request', { pointer: '/name', detail: 'Type your own name.' });
    }
    const statement = requireRead(batch, signed);
    const told = { batch: batch.digest, mapping: batch.mapping, statement_digest: statement };
    const who = { person: staff.person, name: plain(signed.name), at_ms: nowMs };
    const { accepted, bytes, deleted, lines, rejected, warnings } = batch;
    const inserted = await trx
      .insertInto('batch_sign_off')
      .values({ ...told, ...who, bytes, lines, accepted, rejected, warnings, deleted })
      .onConflict((conflict) => conflict.doNothing())
      .returning('at_ms')
      .executeTakeFirst();
    if (inserted === undefined) throw conflict('The batch is signed off already.');
    // A crash before the COMMIT is answered leaves it signed off or not; done again it is refused or done.
  });
}

/** The statement of a batch that is done and is as it was read. */
function requireRead(batch: Batch, signed: SignOff): Digest {
  const { state, statement_digest: statement } = batch;
  if (state !== 'complete') throw conflict('The batch is still running.');
  if (statement === null) throw conflict('The batch has no signed statement.');
  if (statement !== signed.statement || figures.some((name) => batch[name] !== signed[name])) {
    throw conflict('The batch is not as you have read it. Read it again.');
  }
  return statement;
}

const plain = (name: string): string => name.normalize('NFC').trim();

const conflict = (detail: string): CausewayError => new CausewayError('conflict', { detail });
