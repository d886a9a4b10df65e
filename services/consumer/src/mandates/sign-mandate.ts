import { seconds } from '@causeway/kernel';
import type { StageLeaf } from '@causeway/member';
import { readUnverified, sign, type Digest, type Mandate, type Signed } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { MandateRow } from '../acting-rows.ts';
import type { ConsumerTables } from '../tables.ts';
import { insertMandate, setEnded } from './repository.ts';
import { type Names, openPart, sealPart } from './sealed.ts';

export interface Writing {
  readonly trx: Transaction<ConsumerTables>;
  readonly stage: StageLeaf;
}

/** What a mandate says, and what it rests on. */
export type Terms = Pick<
  Mandate,
  'subject_ref' | 'agent_ref' | 'kind' | 'powers' | 'purposes' | 'valid_until' | 'evidence' | 'act'
>;

export interface Kept {
  readonly names: Names;
  /** What `evidence` or `act` is the digest of. */
  readonly proof: string;
}

/** Signs and records a mandate with its leaf. */
export async function recordMandate(
  consumer: Consumer,
  { stage, trx }: Writing,
  terms: Terms,
  kept: Kept,
): Promise<MandateRow> {
  const iat = seconds(consumer.clock);
  const claims = { ...terms, action: 'grant' as const, iat, exp: terms.valid_until, valid_from: iat };
  const signed = sign('mandate', { ...claims, aud: consumer.key.member }, consumer);
  const { subject_ref } = terms;
  const named = { subject_ref, id: signed.claims.jti };
  const row: MandateRow = {
    ...{ ...named, digest: signed.digest, agent_ref: terms.agent_ref, kind: terms.kind },
    ...{ powers: [...terms.powers], purposes: terms.purposes ?? null },
    ...{ from_ms: iat * 1000, until_ms: terms.valid_until * 1000 },
    names: await sealPart(consumer, 'names', named, JSON.stringify(kept.names)),
    statement: await sealPart(consumer, 'statement', named, signed.jws),
    evidence: await sealPart(consumer, 'evidence', named, kept.proof),
    ...{ ended_ms: null, ended_by: null, end_digest: null, end_statement: null },
  };
  await insertMandate(trx, row);
  await stageMandate(consumer, stage, signed);
  return row;
}

/** Ends a mandate, whose row lock must be held, with a statement and a leaf of its own. */
export async function recordEnd(
  consumer: Consumer,
  { stage, trx }: Writing,
  row: MandateRow,
  by: { readonly who: 'subject' | 'agent' | 'officers'; readonly act?: Digest },
): Promise<void> {
  const { agent_ref, digest, kind, subject_ref } = row;
  const valid_from = Math.floor(row.from_ms / 1000);
  const valid_until = Math.floor(row.until_ms / 1000);
  const signed = sign(
    'mandate',
    {
      ...{ aud: consumer.key.member, action: 'end', exp: seconds(consumer.clock) + provable_s },
      ...{ subject_ref, agent_ref, kind, powers: row.powers, valid_from, valid_until, mandate: digest },
      evidence: await evidenceOf(consumer, row),
      ...(row.purposes === null ? {} : { purposes: row.purposes }),
      ...(by.act === undefined ? {} : { act: by.act }),
    },
    consumer,
  );
  const end_statement = await sealPart(consumer, 'end_statement', row, signed.jws);
  const ended_ms = consumer.clock.now();
  await setEnded(trx, row, { ended_ms, ended_by: by.who, end_digest: signed.digest, end_statement });
  await stageMandate(consumer, stage, signed);
}

/** An end is provable for ten years. Seconds. */
const provable_s = 10 * 366 * 86_400;

/** As the statement says it, which this service signed. */
async function evidenceOf(consumer: Consumer, row: MandateRow): Promise<Digest> {
  const { claims } = readUnverified(await openPart(consumer, 'statement', row, row.statement));
  return (claims as Mandate).evidence;
}

async function stageMandate(
  consumer: Consumer,
  stage: StageLeaf,
  { claims, digest }: Signed<'mandate'>,
): Promise<void> {
  await stage(claims.subject_ref, {
    ...{ typ: 'mandate', digest, inquiry: null, use: null, iss: consumer.key.member, aud: claims.aud },
    ...{ at_ms: consumer.clock.now(), outcome: claims.action },
  });
}
