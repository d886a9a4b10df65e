import type { HotStatement, HotTransaction } from '@causeway/service';
import type { Digest, PasskeyProof } from '@causeway/protocol';
import { partUnder } from '../own-reports/sealed.ts';
import type { Asked } from './asked.ts';
import { keyIn, type Redeeming } from './redeeming.ts';

/** A question that a person signed with their passkey, as it is kept. */
export interface AssertedFacts {
  readonly enrolment: Digest;
  readonly inquiry: Digest;
  readonly subjectRef: string;
  readonly bureaus: readonly string[];
  /** By what the passkey has signed it, for the bureaus to verify. */
  readonly proof: PasskeyProof;
}

const readAsserted: HotStatement = {
  name: 'redemption_asserted',
  text: `SELECT asked.at::int AS at, own.id, own.enrolment, own.bureaus, own.proof
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (ref, inquiry, at)
    CROSS JOIN LATERAL (SELECT id, enrolment, bureaus, proof FROM own_report
      WHERE subject_ref = asked.ref AND inquiry = asked.inquiry AND state IN ('asserted', 'sent', 'ready')
      LIMIT 1) AS own`,
};

interface AssertedRow {
  readonly at: number;
  readonly id: string;
  readonly enrolment: Digest;
  readonly bureaus: string[];
  readonly proof: Buffer;
}

/** By the place in the batch: what is kept of inquiries that persons have signed. */
export async function readBatchAsserted(
  trx: HotTransaction,
  consumer: Redeeming,
  items: readonly Asked[],
): Promise<ReadonlyMap<number, AssertedFacts>> {
  const own = items.flatMap(({ inquiry: { claims, digest } }, at) =>
    claims.purpose === 'OWN_ENQUIRY' ? [{ at, ref: claims.subject_ref, inquiry: digest }] : [],
  );
  if (own.length === 0) return new Map();
  const columns = [own.map(({ ref }) => ref), own.map(({ inquiry }) => inquiry)];
  const rows = await trx.query<AssertedRow>(readAsserted, columns);
  return new Map(
    rows.flatMap(({ at, bureaus, enrolment, id, proof: box }): [number, AssertedFacts][] => {
      const item = own[at - 1];
      if (item === undefined) return [];
      const { inquiry, ref: subjectRef } = item;
      const opened = partUnder(keyIn(consumer, subjectRef), 'proof', { subject_ref: subjectRef, id }, box);
      const proof = JSON.parse(opened) as PasskeyProof;
      return [[item.at, { enrolment, inquiry, subjectRef, bureaus, proof }]];
    }),
  );
}
