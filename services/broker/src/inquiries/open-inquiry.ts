import { NATIONAL_POLICY } from '@causeway/policy';
import { verify, type Digest, type Inquiry, type Verified } from '@causeway/protocol';
import type { Kysely, Selectable } from 'kysely';

import type { BrokerTables, InquiryTable } from '../tables.ts';
import type { InquirySeal } from '../vault.ts';
import type { Broker } from '../broker.ts';
import { standingKeys } from '@causeway/protocol/standing-keys';

export type InquiryRow = Selectable<InquiryTable>;

/** A stored inquiry with its seal open. */
export interface OpenInquiry {
  readonly key: string;
  readonly digest: Digest;
  readonly claims: Inquiry;
  /** It was accepted once; whether it may still have an effect is asked where it would have one. */
  readonly statement: Verified<Inquiry>;
  readonly row: InquiryRow;
  readonly seal: InquirySeal;
}

/** Up to here a late answer counts, and makes the next version of the report; ms since the epoch. */
export function lastAnswerMs({ deadline_ms }: Pick<InquiryRow, 'deadline_ms'>): number {
  return deadline_ms + NATIONAL_POLICY.parameters.answer_grace_s * 1000;
}

/** Finds an inquiry by its key; undefined where there is none. */
export async function findInquiry(db: Kysely<BrokerTables>, key: string): Promise<InquiryRow | undefined> {
  return await db.selectFrom('inquiry').where('inquiry', '=', key).select(inquiryColumns).executeTakeFirst();
}

const inquiryColumns = [
  'inquiry',
  'id',
  'lender',
  'digest',
  'data_key',
  'life',
  'statement',
  'accepted_under',
  'deadline_ms',
  'accepted_ms',
  'finished_ms',
  'state',
  'seq',
  'use',
  'code',
  'refusal',
  'refused_early',
] as const satisfies readonly (keyof InquiryTable)[];

/** @throws CausewayError not_found where its subject is erased, internal where the row was altered */
export async function sealOf(
  { subjectKeys, vault }: Pick<Broker, 'subjectKeys' | 'vault'>,
  { data_key, inquiry, life }: Pick<InquiryRow, 'data_key' | 'inquiry' | 'life'>,
): Promise<InquirySeal> {
  return vault.unlock(inquiry, data_key, await subjectKeys.ofLife(life));
}

/**
 * @throws CausewayError not_found where its subject is erased, internal where the box does not open,
 *   key_unknown where its signer is nobody any more
 */
export async function openInquiry(broker: Broker, row: InquiryRow): Promise<OpenInquiry> {
  const seal = await sealOf(broker, row);
  const statement = verify('inquiry', seal.open('inquiry', row.statement), {
    keys: standingKeys(broker.directory.view().keys),
    fed: broker.fed,
    nowMs: broker.clock.now(),
    audience: broker.me,
    received: 'archived',
    issuer: row.lender,
  });
  return { key: row.inquiry, digest: statement.digest, claims: statement.claims, statement, row, seal };
}
