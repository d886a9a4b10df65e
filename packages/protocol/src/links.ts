import { withinCategories, type Category } from '@causeway/records';
import { CausewayError } from './errors.ts';
import type { Consent } from './statements/consent.ts';
import type { Disclosure } from './statements/disclosure.ts';
import type { Grant } from './statements/grant.ts';
import type { Inquiry } from './statements/inquiry.ts';
import type { Report } from './statements/report.ts';
import type { Verified } from './verify.ts';

/*
 * A statement holds for the ones it cites and for no others. Every receiver checks its links here, and here
 * only that they fit: whether a consent covers an inquiry, or a stop has come since, is the gate's to say.
 * All throw `link_mismatch` naming the member at fault.
 */

type Check = readonly [holds: boolean, pointer: string];

function linked(...checks: readonly Check[]): void {
  for (const [holds, pointer] of checks) {
    if (!holds) {
      throw new CausewayError('link_mismatch', {
        pointer,
        detail: `${pointer} does not fit the statement that it belongs to.`,
      });
    }
  }
}

/** The consent is the one that the inquiry cites, for this lender and this subject. */
export function linkConsent(inquiry: Verified<Inquiry>, consent: Verified<Consent>): void {
  linked(
    [inquiry.claims.consent === consent.digest, '/consent'],
    [consent.claims.grantee === inquiry.claims.iss, '/grantee'],
    [consent.claims.subject_ref === inquiry.claims.subject_ref, '/subject_ref'],
  );
}

/** The grant is for this inquiry, for the broker that it is addressed to, and no wider. */
export function linkGrant(inquiry: Verified<Inquiry>, grant: Verified<Grant>): void {
  const [asked, granted] = [inquiry.claims, grant.claims];
  linked(
    [granted.inquiry === inquiry.digest, '/inquiry'],
    [granted.presenter === asked.aud, '/presenter'],
    [granted.subject_ref === asked.subject_ref, '/subject_ref'],
    [granted.consent === asked.consent, '/consent'],
    [granted.basis === asked.basis?.code, '/basis'],
    [granted.categories.every((category) => asked.categories.includes(category)), '/categories'],
  );
}

/**
 * The disclosure answers this inquiry, to the lender that asked, under this grant where the reader has it.
 */
export function linkDisclosure(
  inquiry: Verified<Inquiry>,
  disclosure: Verified<Disclosure>,
  grant?: Verified<Grant>,
): void {
  const { claims } = disclosure;
  const { categories } = inquiry.claims;
  const open = grant ? categories.filter((each) => grant.claims.categories.includes(each)) : categories;
  linked(
    [claims.inquiry === inquiry.digest, '/inquiry'],
    [claims.aud === inquiry.claims.iss, '/aud'],
    [claims.subject_ref === inquiry.claims.subject_ref, '/subject_ref'],
    [within(claims, open), '/records'],
  );
  if (!grant) return;
  linked(
    [claims.grant === grant.digest, '/grant'],
    [claims.iss === grant.claims.aud, '/iss'],
    [claims.use === grant.claims.use, '/use'],
  );
}

/** Nothing beyond the categories: what exceeds them is dropped and reported, whoever sent it. */
function within({ records }: Disclosure, categories: readonly Category[]): boolean {
  return records.every((record) => withinCategories(record, categories));
}

/** The report answers this inquiry, and its manifest cites exactly these disclosures, each for its bureau. */
export function linkReport(
  inquiry: Verified<Inquiry>,
  report: Verified<Report>,
  disclosures: readonly Verified<Disclosure>[],
): void {
  const { claims } = report;
  linked(
    [claims.inquiry === inquiry.digest, '/inquiry'],
    [claims.iss === inquiry.claims.aud, '/iss'],
    [claims.aud === inquiry.claims.iss, '/aud'],
    [claims.subject_ref === inquiry.claims.subject_ref, '/subject_ref'],
  );
  const byDigest = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure.claims]));
  const rows = claims.manifest.filter((row) => row.disclosure !== undefined);
  linked([rows.length === disclosures.length && byDigest.size === rows.length, '/manifest']);
  for (const row of claims.manifest) {
    const cited = row.disclosure === undefined ? undefined : byDigest.get(row.disclosure);
    linked(
      [row.disclosure === undefined || cited !== undefined, '/manifest'],
      [cited === undefined || (cited.iss === row.bureau && cited.use === claims.use), '/manifest'],
      [row.outcome === 'answered' ? cited !== undefined : row.records === 0, '/manifest'],
      [cited === undefined || cited.outcome === row.outcome, '/manifest'],
      [cited === undefined || cited.records.length === row.records, '/manifest'],
    );
  }
}
