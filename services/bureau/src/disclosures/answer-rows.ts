import type { Digest } from '@causeway/protocol';
import { type HotStatement, type HotTransaction, PackedBytes } from '@causeway/service';

import type { AnswerKey } from './repository.ts';

/** What the table holds under a key. */
export interface AnswerRow {
  readonly state: 'reserved' | 'disclosed' | 'refused';
  readonly outcome: string | null;
  readonly digest: Digest | null;
  /** Sealed; null once it was purged. */
  readonly statement: Buffer | null;
}

/** An answer about to be recorded, or a reservation, which has no statement. */
export interface NewAnswer {
  readonly key: AnswerKey;
  readonly state: AnswerRow['state'];
  readonly lender: string;
  readonly presenter: string;
  readonly purpose: string;
  /** The newest grant that was presented under the key. */
  readonly grant: Digest;
  readonly outcome: string | null;
  readonly digest: Digest | null;
  readonly statement: Buffer | undefined;
  readonly nowMs: number;
  readonly purgeAtMs: number;
}

const readAnswers: HotStatement = {
  name: 'read_answers',
  text: `SELECT asked.at::int AS at, answer.state, answer.outcome, answer.digest, answer.statement
    FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS asked (subject_ref, inquiry, use, at)
      JOIN answer USING (subject_ref, inquiry, use)`,
};

/** The row of each key, in the order of the keys; undefined where there is none. */
export async function answerRows(
  trx: HotTransaction,
  keys: readonly AnswerKey[],
): Promise<(AnswerRow | undefined)[]> {
  const rows = await trx.query<AnswerRow & { at: number }>(readAnswers, keyColumns(keys));
  const byPlace = new Map(rows.map((row) => [row.at, row]));
  return keys.map((_, at) => byPlace.get(at + 1));
}

const insertAnswers: HotStatement = {
  name: 'insert_answers',
  text: `INSERT INTO answer (subject_ref, inquiry, use, state, lender, presenter, grant_digest, outcome,
      digest, statement, reserved_ms, answered_ms, purge_at_ms, purpose)
    SELECT subject_ref, inquiry, use, state, lender, presenter, grant_digest, outcome, digest,
      substring($10::bytea FROM at FOR length), now_ms, CASE WHEN digest IS NOT NULL THEN now_ms END,
      purge_at_ms, purpose
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::text[], $9::text[], $11::int[], $12::int[], $13::bigint[], $14::bigint[], $15::text[])
      AS a (subject_ref, inquiry, use, state, lender, presenter, grant_digest, outcome, digest, at, length,
        now_ms, purge_at_ms, purpose)
    ORDER BY subject_ref, inquiry, use
    ON CONFLICT (subject_ref, inquiry, use) DO UPDATE SET state = excluded.state,
      grant_digest = excluded.grant_digest, outcome = excluded.outcome, digest = excluded.digest,
      statement = excluded.statement, answered_ms = excluded.answered_ms
      WHERE answer.state = 'reserved'
    RETURNING inquiry`,
};

/**
 * Records new answers, each under its key for ever; a reservation becomes the answer.
 * @throws RangeError where somebody else has answered since the rows were read: nothing is written then
 */
export async function writeAnswers(trx: HotTransaction, answers: readonly NewAnswer[]): Promise<void> {
  if (answers.length === 0) return;
  const packed = new PackedBytes();
  const places = answers.map(({ statement }) =>
    statement === undefined ? undefined : packed.add(statement),
  );
  const column = <K extends keyof NewAnswer>(name: K) => answers.map((answer) => answer[name]);
  const written = await trx.query(insertAnswers, [
    ...keyColumns(answers.map(({ key }) => key)),
    ...[column('state'), column('lender'), column('presenter'), column('grant'), column('outcome')],
    ...[column('digest'), packed.bytes],
    ...[places.map((place) => place?.at ?? null), places.map((place) => place?.length ?? null)],
    ...[column('nowMs'), column('purgeAtMs'), column('purpose')],
  ]);
  if (written.length !== answers.length) throw new RangeError('a key was answered meanwhile');
}

const renewGrants: HotStatement = {
  name: 'renew_grants',
  text: `UPDATE answer SET grant_digest = asked.grant_digest
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
      AS asked (subject_ref, inquiry, use, grant_digest)
    WHERE (answer.subject_ref, answer.inquiry, answer.use) = (asked.subject_ref, asked.inquiry, asked.use)`,
};

/** A renewed grant under an answered key takes the place of the earlier one. */
export async function keepGrants(
  trx: HotTransaction,
  renewed: readonly { readonly key: AnswerKey; readonly grant: Digest }[],
): Promise<void> {
  if (renewed.length === 0) return;
  const grants = renewed.map(({ grant }) => grant);
  await trx.query(renewGrants, [...keyColumns(renewed.map(({ key }) => key)), grants]);
}

function keyColumns(keys: readonly AnswerKey[]): unknown[] {
  return [
    keys.map(({ subjectRef }) => subjectRef),
    keys.map(({ inquiry }) => inquiry),
    keys.map(({ use }) => use),
  ];
}
