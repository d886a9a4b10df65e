import { merge } from '@causeway/aggregate';
import {
  CausewayError,
  type ClaimsOf,
  type Digest,
  type Verified,
  linkDisclosure,
  linkReport,
  standingKeys,
  verify,
} from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import type { LenderVerifyContext } from './consent-requests.ts';
import type { Refused } from './http.ts';
import type { Delivery } from './inquiries.ts';

/** A report whose signature, chain and merge have all been checked by this process. */
export interface DeliveredReport {
  report: Verified<ClaimsOf<'report'>>;
  disclosures: Verified<ClaimsOf<'disclosure'>>[];
}

/**
 * Verifies a delivered report: the broker's signature, that it answers this inquiry and no other, each
 * disclosure's signature and link, and that merging the disclosures again gives the very same merged file. A
 * broker can therefore delay a report, but not forge or alter one unseen.
 *
 * @throws CausewayError `link_mismatch` where any statement does not belong to the ones it cites
 */
export function checkDelivery(
  delivery: Delivery,
  inquiryJws: string,
  context: LenderVerifyContext,
): DeliveredReport {
  const { keys, fed, nowMs, lender } = context;
  const forwarded = { keys, fed, nowMs, audience: lender, received: 'forwarded' } as const;
  const report = verify('report', delivery.report, forwarded);
  const disclosures = delivery.disclosures.map((jws) => verify('disclosure', jws, forwarded));
  // Our own inquiry: what its key has become since does not matter.
  const own = {
    ...forwarded,
    keys: standingKeys(keys),
    audience: 'any',
    received: 'archived',
    issuer: lender,
  } as const;
  const inquiry = verify('inquiry', inquiryJws, own);
  for (const disclosure of disclosures) linkDisclosure(inquiry, disclosure);
  linkReport(inquiry, report, disclosures);
  recompute(report, disclosures);
  return { report, disclosures };
}

/**
 * Verifies the signed refusal that came with a refused inquiry: it must be about this inquiry and say the
 * same code.
 *
 * @throws CausewayError `link_mismatch` where it is another one
 */
export function checkRefusal(refused: Refused, inquiry: Digest, context: LenderVerifyContext): void {
  if (refused.statement === undefined) return;
  const { keys, fed, nowMs, lender } = context;
  const received = { keys, fed, nowMs, audience: lender, received: 'forwarded' } as const;
  const { claims } = verify('refusal', refused.statement, received);
  if (claims.inquiry !== inquiry || claims.code !== refused.code) {
    mismatch('the refusal answers another inquiry');
  }
}

/**
 * The merge is a pure function of the disclosures, so whoever holds them can say what the report must
 * contain.
 *
 * @throws CausewayError `link_mismatch` where the report says anything else
 */
export function recompute(
  report: Verified<ClaimsOf<'report'>>,
  disclosures: readonly Verified<ClaimsOf<'disclosure'>>[],
): void {
  const rows = report.claims.manifest.map((row) => {
    const disclosure = disclosures.find(({ claims }) => claims.iss === row.bureau);
    return {
      bureau: row.bureau,
      outcome: row.outcome,
      ...(disclosure ? { disclosure } : {}),
      ...(row.code === undefined ? {} : { code: row.code }),
    };
  });
  const ours = merge(rows);
  const same = (['merged', 'exposure', 'conflicts', 'manifest'] as const).every(
    (part) => canonicalJson(ours[part]) === canonicalJson(report.claims[part]),
  );
  if (!same) mismatch('the report is not the merge of its disclosures');
}

function mismatch(detail: string): never {
  throw new CausewayError('link_mismatch', { detail });
}
