import { withinObligations } from '@causeway/gate';
import type { BureauRefusal, Permit } from '@causeway/gate';
import { lockSubjectsShared, subjectStopped } from '@causeway/member';
import type { StageLeaf } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Transaction } from 'kysely';

import type { Bureau } from '../bureau.ts';
import type { SourceAnswer } from '../sources/source.ts';
import type { BureauTables } from '../tables.ts';
import { decide } from './decide.ts';
import type { StoredDisclosure } from './release.ts';
import type { Answer, AnswerKey } from './repository.ts';
import { reserve, settle } from './repository.ts';
import type { Answered } from './statements.ts';
import { openStatement, purgeAtMs, sealStatement, signDisclosure, signRefusal } from './statements.ts';
import type { Presented } from './verify-item.ts';

/** What one transaction came to. `reserved`: the key is held and the source may be asked. */
export type Step =
  | { readonly kind: 'disclosed'; readonly permit: Permit; readonly stored: StoredDisclosure }
  | { readonly kind: 'refused'; readonly refusal: string; readonly code: string }
  | { readonly kind: 'reserved' };

/** How a transaction that holds the reservation gets the records; undefined: they are not here yet. */
export type Read = (trx: Transaction<BureauTables>) => Promise<SourceAnswer> | undefined;

interface Work {
  readonly bureau: Bureau;
  readonly item: Presented;
  readonly trx: Transaction<BureauTables>;
  readonly stage: StageLeaf;
}

/**
 * One transaction under the subject's status lock, taken shared: decide, reserve, read, sign, store, leaf.
 * What it throws leaves nothing behind.
 */
export async function answer(work: Work, read: Read): Promise<Step> {
  const { bureau, item, trx } = work;
  const { subject_ref, consent } = item.inquiry.claims;
  await lockSubjectsShared(trx, [subject_ref]);
  const stopped = await subjectStopped(trx, subject_ref, consent ?? null);
  const decision = decide(bureau, item, stopped ?? false);
  const key = keyOf(item);
  const row = await reserve(trx, reservation(bureau, item, key));
  if (row.state === 'refused') return storedRefusal(bureau, key, row);
  if ('refusal' in decision) {
    // After a disclosure there is no second answer: the error is not recorded.
    if (row.state === 'disclosed')
      throw new CausewayError(decision.refusal.code, { internal: 'disclosed before' });
    return await refuse(work, key, row, decision.refusal);
  }
  if (row.state === 'disclosed') return await again(work, decision.permit, key, row);
  const records = await read(trx);
  if (records === undefined) return { kind: 'reserved' };
  const within = withinObligations(records.records, decision.permit);
  if ('against' in within) {
    const { code, rule } = within.against;
    return await refuse(work, key, row, {
      code,
      rules: [rule],
      policyVersion: decision.permit.policyVersion,
    });
  }
  const signed = signDisclosure(bureau, decision.permit, { ...records, records: within.records });
  await record(work, key, 'disclosure', signed);
  return {
    kind: 'disclosed',
    permit: decision.permit,
    stored: { ...key, digest: signed.digest, jws: signed.jws },
  };
}

async function refuse(work: Work, key: AnswerKey, row: Answer, refusal: BureauRefusal): Promise<Step> {
  const signed = signRefusal(work.bureau, { ...key, lender: row.lender }, refusal);
  await record(work, key, 'refusal', signed);
  return { kind: 'refused', refusal: signed.jws, code: signed.outcome };
}

const keyOf = ({ inquiry, grant }: Presented): AnswerKey => ({
  subjectRef: inquiry.claims.subject_ref,
  inquiry: inquiry.digest,
  use: grant.claims.use,
});

function reservation({ clock }: Bureau, { inquiry, grant, peer }: Presented, key: AnswerKey) {
  const lender = inquiry.claims.iss;
  const purge = purgeAtMs(inquiry.claims);
  return { ...key, lender, presenter: peer, grant: grant.digest, nowMs: clock.now(), purgeAtMs: purge };
}

/** The same bytes once more; the leaf is staged again so that there is a receipt, and stays one leaf. */
async function again(work: Work, permit: Permit, key: AnswerKey, row: Answer): Promise<Step> {
  if (row.digest === null || row.statement === null) throw purged();
  const { digest, outcome } = row;
  const jws = openStatement(work.bureau, key, row.statement);
  await stageLeaf(work, key, 'disclosure', { digest, outcome: outcome ?? '' });
  return { kind: 'disclosed', permit, stored: { ...key, digest, jws } };
}

function storedRefusal(bureau: Bureau, key: AnswerKey, row: Answer): Step {
  if (row.statement === null) throw purged();
  return {
    kind: 'refused',
    refusal: openStatement(bureau, key, row.statement),
    code: row.outcome ?? 'not_authorised',
  };
}

const purged = () =>
  new CausewayError('deadline_passed', { detail: 'This was answered once; its bytes are gone.' });

async function record(
  work: Work,
  key: AnswerKey,
  typ: 'disclosure' | 'refusal',
  signed: Answered,
): Promise<void> {
  const { bureau, trx } = work;
  const { digest, outcome, jws } = signed;
  const state = typ === 'disclosure' ? 'disclosed' : 'refused';
  const statement = sealStatement(bureau, key, jws);
  await settle(trx, key, { state, digest, outcome, statement, nowMs: bureau.clock.now() });
  await stageLeaf(work, key, typ, signed);
}

async function stageLeaf(
  { bureau, item, stage }: Work,
  key: AnswerKey,
  typ: 'disclosure' | 'refusal',
  { digest, outcome }: Omit<Answered, 'jws'>,
): Promise<void> {
  const { inquiry, use } = key;
  const parties = { iss: bureau.me, aud: item.inquiry.claims.iss };
  await stage(key.subjectRef, { typ, digest, inquiry, use, ...parties, at_ms: bureau.clock.now(), outcome });
}
