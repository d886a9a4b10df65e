import { merge } from '@causeway/aggregate';
import { CausewayError, type ClaimsOf, type Verified, digestOf, verify } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import type { LenderVerifyContext } from './consent-requests.ts';
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
  const inquiry = digestOf(inquiryJws);
  if (report.claims.inquiry !== inquiry) mismatch('the report answers another inquiry');
  const disclosures = delivery.disclosures.map((jws) => verify('disclosure', jws, forwarded));
  checkLinks(report, disclosures);
  recompute(report, disclosures);
  return { report, disclosures };
}

function checkLinks(
  report: Verified<ClaimsOf<'report'>>,
  disclosures: readonly Verified<ClaimsOf<'disclosure'>>[],
): void {
  const cited = report.claims.manifest.filter((row) => row.disclosure !== undefined);
  if (cited.length !== disclosures.length) mismatch('the report cites another number of disclosures');
  for (const disclosure of disclosures) {
    const { claims, digest } = disclosure;
    const row = cited.find((candidate) => candidate.bureau === claims.iss);
    if (row?.disclosure !== digest) mismatch(`the report does not cite the disclosure of ${claims.iss}`);
    if (claims.inquiry !== report.claims.inquiry || claims.use !== report.claims.use) {
      mismatch(`the disclosure of ${claims.iss} answers another inquiry`);
    }
    if (claims.subject_ref !== report.claims.subject_ref) {
      mismatch(`the disclosure of ${claims.iss} is about another subject`);
    }
  }
}

/**
 * The merge is a pure function of the disclosures, so whoever holds them can say what the report must
 * contain.
 */
function recompute(
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
