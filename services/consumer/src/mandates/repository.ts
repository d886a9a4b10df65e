import type { Digest } from '@causeway/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { MandateRow } from '../acting-rows.ts';
import type { ConsumerTables } from '../tables.ts';

type Db = Kysely<ConsumerTables>;
type Trx = Transaction<ConsumerTables>;

const columns = [
  ...(['subject_ref', 'digest', 'id', 'agent_ref', 'kind', 'powers', 'purposes', 'from_ms'] as const),
  ...(['until_ms', 'names', 'statement', 'evidence', 'ended_ms', 'ended_by', 'end_digest'] as const),
  'end_statement' as const,
];
/** Rows that one list shows, of each side; there are never as many that stand. */
const listMax = 100;

export async function insertMandate(trx: Trx, row: MandateRow): Promise<void> {
  await trx.insertInto('mandate').values(row).execute();
}

/** Mandates to act for, or by, the person with these references, newest first; those that ended too. */
export async function mandatesOf(
  db: Db,
  side: 'subject_ref' | 'agent_ref',
  refs: readonly string[],
): Promise<MandateRow[]> {
  const all = db.selectFrom('mandate').select(columns).where(side, 'in', refs);
  return await all.orderBy('id', 'desc').limit(listMax).execute();
}

/** A mandate by its id under its row lock, which those share who act under it. */
export async function lockMandate(trx: Trx, id: string): Promise<MandateRow | undefined> {
  const one = trx.selectFrom('mandate').select(columns).where('id', '=', id);
  return await one.forUpdate().executeTakeFirst();
}

/** The mandate of an agent with these references that stands at this moment. */
export async function standingMandate(
  db: Db,
  agentRefs: readonly string[],
  id: string,
  nowMs: number,
): Promise<MandateRow | undefined> {
  return await db
    .selectFrom('mandate')
    .select(columns)
    .where('agent_ref', 'in', agentRefs)
    .where('id', '=', id)
    .where('ended_ms', 'is', null)
    .where('from_ms', '<=', nowMs)
    .where('until_ms', '>', nowMs)
    .executeTakeFirst();
}

/** True where it still stands; it cannot end before this transaction does. */
export async function shareMandate(
  trx: Trx,
  of: Pick<MandateRow, 'subject_ref' | 'digest'>,
  nowMs: number,
): Promise<boolean> {
  const row = await trx
    .selectFrom('mandate')
    .select('id')
    .where('subject_ref', '=', of.subject_ref)
    .where('digest', '=', of.digest)
    .where('ended_ms', 'is', null)
    .where('until_ms', '>', nowMs)
    .forShare()
    .executeTakeFirst();
  return row !== undefined;
}

type Ending = Pick<MandateRow, 'ended_ms' | 'ended_by' | 'end_digest' | 'end_statement'>;

/** Ends it; its row lock must be held. */
export async function setEnded(
  trx: Trx,
  { digest, subject_ref }: Pick<MandateRow, 'subject_ref' | 'digest'>,
  ending: Ending,
): Promise<void> {
  await trx
    .updateTable('mandate')
    .set(ending)
    .where('subject_ref', '=', subject_ref)
    .where('digest', '=', digest)
    .execute();
}

type CodeRow = ConsumerTables['mandate_code'];

export async function insertCode(trx: Trx, row: CodeRow): Promise<void> {
  await trx.insertInto('mandate_code').values(row).execute();
}

/** Codes of this agent that are good at this moment. */
export async function countCodes(trx: Trx, agentRef: string, nowMs: number): Promise<number> {
  const row = await trx
    .selectFrom('mandate_code')
    .select(({ fn }) => fn.countAll().as('open'))
    .where('agent_ref', '=', agentRef)
    .where('expires_ms', '>', nowMs)
    .executeTakeFirst();
  return Number(row?.open ?? 0);
}

/** Takes a code, which is good once. */
export async function takeCode(trx: Trx, code: Digest, nowMs: number): Promise<CodeRow | undefined> {
  return await trx
    .deleteFrom('mandate_code')
    .where('code', '=', code)
    .where('expires_ms', '>', nowMs)
    .returning(['code', 'agent_ref', 'name', 'expires_ms'])
    .executeTakeFirst();
}

export async function forgetCodes(db: Db, nowMs: number): Promise<void> {
  await db.deleteFrom('mandate_code').where('expires_ms', '<=', nowMs).execute();
}

/** An act of the officers, for its id; undefined where it did not come before. */
export async function recordedAct(trx: Trx, jti: string) {
  const acts = trx.selectFrom('guardianship_act').select(['digest', 'mandate']);
  return await acts.where('jti', '=', jti).executeTakeFirst();
}

/** False where the act of this id came at the same time. */
export async function insertAct(trx: Trx, row: ConsumerTables['guardianship_act']): Promise<boolean> {
  const inserted = trx.insertInto('guardianship_act').values(row);
  const rows = await inserted
    .onConflict((conflict) => conflict.doNothing())
    .returning('jti')
    .execute();
  return rows.length === 1;
}
