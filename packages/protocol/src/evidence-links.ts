import { CausewayError } from './errors.ts';
import { skew_s as skew } from './evidence-directories.ts';
import { linkConsent, linkDisclosure, linkGrant, linkReport } from './links.ts';
import type { Consent } from './statements/consent.ts';
import type { Disclosure } from './statements/disclosure.ts';
import type { Enrolment } from './statements/enrolment.ts';
import type { Grant } from './statements/grant.ts';
import type { Inquiry } from './statements/inquiry.ts';
import type { Report } from './statements/report.ts';
import type { Verified } from './verify.ts';

/** Late answers count for this long after the deadline, in seconds. */
const lateness = 900;

/** The statements of a bundle, each verified by itself. */
export interface EvidenceStatements {
  readonly consent?: Verified<Consent>;
  /** Those that lead to the passkey which signed the consent. */
  readonly enrolments: readonly Verified<Enrolment>[];
  readonly inquiry: Verified<Inquiry>;
  readonly grants: readonly Verified<Grant>[];
  readonly disclosures: readonly Verified<Disclosure>[];
  readonly report: Verified<Report>;
}

/** That each statement belongs to the ones it cites. Throws `link_mismatch`, `evidence_invalid`. */
export function checkChain({ consent, inquiry, grants, disclosures, report }: EvidenceStatements): void {
  if ((consent === undefined) !== (inquiry.claims.consent === undefined)) {
    throw new CausewayError('evidence_invalid', { pointer: '/consent' });
  }
  if (consent) {
    linkConsent(inquiry, consent);
    checkCover(inquiry.claims, consent.claims);
  }
  const byDigest = new Map(grants.map((grant) => [grant.digest, grant]));
  for (const grant of grants) {
    linkGrant(inquiry, grant);
    if (grant.claims.use !== report.claims.use) throw misfit('/grants');
    const nodes = consent ? [grant.claims.presenter, ...consent.claims.bureaus] : [grant.claims.aud];
    if (!nodes.includes(grant.claims.aud)) throw misfit('/grants');
    if (consent && grant.claims.iss !== consent.claims.iss) throw misfit('/grants');
  }
  for (const disclosure of disclosures) {
    const grant = byDigest.get(disclosure.claims.grant);
    if (!grant) throw misfit('/disclosures');
    linkDisclosure(inquiry, disclosure, grant);
  }
  linkReport(inquiry, report, disclosures);
}

function checkCover(inquiry: Inquiry, consent: Consent): void {
  if (!consent.purposes.includes(inquiry.purpose)) throw misfit('/purposes');
  if (!inquiry.categories.every((category) => consent.categories.includes(category)))
    throw misfit('/categories');
}

/** That each was issued while it could be. Throws `link_mismatch`, `consent_expired`. */
export function checkTimes({ consent, inquiry, grants, disclosures, report }: EvidenceStatements): void {
  const { iat, deadline } = inquiry.claims;
  const byDigest = new Map(grants.map((grant) => [grant.digest, grant.claims]));
  for (const grant of byDigest.values()) {
    if (grant.iat < iat - skew) throw misfit('/grants');
    if (consent && (grant.iat < consent.claims.valid_from || grant.iat >= consent.claims.valid_until)) {
      throw new CausewayError('consent_expired', { pointer: '/consent' });
    }
  }
  for (const { claims } of disclosures) {
    const grant = byDigest.get(claims.grant);
    if (!grant || claims.iat < grant.iat - skew || claims.iat > grant.exp + skew)
      throw misfit('/disclosures');
    if (claims.iat > deadline + lateness + skew) throw misfit('/disclosures');
  }
  if (report.claims.iat < iat - skew) throw misfit('/report');
}

function misfit(pointer: string): CausewayError {
  return new CausewayError('link_mismatch', {
    pointer,
    detail: `${pointer} does not fit the rest of the bundle.`,
  });
}
