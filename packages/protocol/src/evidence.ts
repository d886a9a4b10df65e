import type { Digest } from './digest.ts';
import { buildView, verifyDirectory, type DirectoryView } from './directory.ts';
import { checkEvidenceBundle, type EvidenceBundle } from './evidence-bundle.ts';
import { CausewayError } from './errors.ts';
import { linkConsent, linkDisclosure, linkGrant, linkReport } from './links.ts';
import { rootFingerprint, type RootFile } from './root.ts';
import { followRoots, type TrustedRoot } from './root-chain.ts';
import type { ClaimsOf, StatementType } from './statement-types.ts';
import type { Consent } from './statements/consent.ts';
import type { Disclosure } from './statements/disclosure.ts';
import type { Grant } from './statements/grant.ts';
import type { Inquiry } from './statements/inquiry.ts';
import type { Report } from './statements/report.ts';
import { readUnverified, verify, type Verified } from './verify.ts';

/** Late answers count for this long after the deadline, in seconds; clocks of two nodes may be 2 s apart. */
const [lateness, skew] = [900, 2];

interface EvidenceStatements {
  readonly consent?: Verified<Consent>;
  readonly inquiry: Verified<Inquiry>;
  readonly grants: readonly Verified<Grant>[];
  readonly disclosures: readonly Verified<Disclosure>[];
  readonly report: Verified<Report>;
}

export interface EvidenceVerdict {
  /** Without an anchor anybody could have made the whole federation up: the signer is unknown. */
  readonly verdict: 'verified' | 'consistent_signer_unknown';
  readonly checks: readonly { readonly name: string; readonly ok: true; readonly detail: string }[];
  /** For whoever checks further, as the SDK does by merging again. */
  readonly statements: EvidenceStatements;
}

interface EvidenceOptions {
  /** Fingerprint of any version of the federation's root file. */
  readonly anchor?: Digest;
  /** Root files that the reader has, oldest first: for a bundle that is older than its anchor. */
  readonly roots?: readonly unknown[];
}

/**
 * Checks an evidence bundle offline: roots under the anchor, directories under the root of their time, every
 * statement under the directory of its time, and every link between them. Pure; the merge itself is for the
 * SDK to repeat. Throws CausewayError with the code of the first check that fails.
 *
 * @NOTE a key counts if the bundled directories held it, valid, while the inquiry lived. Witness times will
 * narrow that to the checkpoint which holds the leaf.
 */
export function verifyBundle(bundle: unknown, options: EvidenceOptions = {}): EvidenceVerdict {
  const checked = checkEvidenceBundle(bundle);
  const fingerprint = options.anchor ?? newestFingerprint(checked.roots);
  const roots = rootsOf(checked, fingerprint, options.roots ?? []);
  const views = directoriesOf(checked, roots);
  const statements = statementsOf(checked, views);
  checkChain(statements);
  checkTimes(statements);
  checkLeaves(checked, statements);
  const { grants, disclosures } = statements;
  const checks = [
    ['root', options.anchor === undefined ? `unanchored, ${fingerprint}` : `is the anchor, ${fingerprint}`],
    ['directories', `${String(views.length)} under the root of its time`],
    [
      'signatures',
      `${String(grants.length)} grants, ${String(disclosures.length)} disclosures, inquiry, report`,
    ],
    ['links', 'each statement belongs to the ones it cites'],
    ['manifest', 'cites exactly the disclosures'],
    ['times', 'each statement was issued while it could be'],
    ['leaves', `${String(checked.leaves.length)} of statements in the bundle`],
  ] as const;
  return {
    verdict: options.anchor === undefined ? 'consistent_signer_unknown' : 'verified',
    checks: checks.map(([name, detail]) => ({ name, ok: true, detail })),
    statements,
  };
}

function newestFingerprint(roots: readonly RootFile[]): Digest {
  const newest = roots.at(-1);
  if (!newest) throw new CausewayError('evidence_invalid', { pointer: '/roots' });
  return rootFingerprint(newest);
}

/**
 * The bundle's root files under the anchor. Where the reader has more of the same chain, as after a rotation
 * that the bundle has not seen, they join it.
 */
function rootsOf(bundle: EvidenceBundle, anchor: Digest, more: readonly unknown[]): TrustedRoot[] {
  const longer = [...bundle.roots, ...more.slice(bundle.roots.length)];
  const roots = followRoots(longer, anchor);
  if (roots.some(({ fed }) => fed !== bundle.fed)) {
    throw new CausewayError('federation_mismatch', { pointer: '/fed' });
  }
  return roots;
}

/**
 * The directories of the bundle that were in force while the inquiry lived. The times are read from
 * statements that are verified later, from the same bytes.
 */
function directoriesOf(bundle: EvidenceBundle, roots: readonly TrustedRoot[]): DirectoryView[] {
  const [from, until] = [issuedAt(bundle.inquiry) * 1000, issuedAt(bundle.report) * 1000];
  const views = bundle.directories
    .map(({ head, entries }) => {
      const root = rootInForce(roots, head);
      return buildView(root, verifyDirectory(head, root, until, 'archived'), entries);
    })
    .filter(({ issuedAtMs, expiresAtMs }) => issuedAtMs <= until + skew * 1000 && expiresAtMs >= from);
  if (views.length === 0) {
    throw new CausewayError('evidence_invalid', {
      pointer: '/directories',
      detail: 'No directory of the time of the inquiry is there.',
    });
  }
  return views.toSorted((a, b) => b.version - a.version);
}

/**
 * The newest root that was there when the head was signed, by its date or because the head names it: a
 * directory key counts until the issue of the first root that names it no more.
 */
function rootInForce(roots: readonly TrustedRoot[], head: string): TrustedRoot {
  const signedAt = issuedAt(head);
  const named = numberIn(claimOf(head, 'root'), 'version') ?? 1;
  const root = roots.findLast(({ issued_at, version }) => version <= named || issued_at <= signedAt);
  if (!root || signedAt >= root.expires_at) throw new CausewayError('expired', { pointer: '/roots' });
  return root;
}

function issuedAt(jws: string): number {
  const iat = numberIn(readUnverified(jws).claims, 'iat');
  if (iat === undefined) throw new CausewayError('statement_malformed', { pointer: '/iat' });
  return iat;
}

const claimOf = (jws: string, name: string): unknown => member(readUnverified(jws).claims, name);

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

function numberIn(value: unknown, name: string): number | undefined {
  const found = member(value, name);
  return typeof found === 'number' ? found : undefined;
}

function statementsOf(bundle: EvidenceBundle, views: readonly DirectoryView[]): EvidenceStatements {
  const read = <T extends StatementType>(type: T, jws: string): Verified<ClaimsOf<T>> =>
    verifyUnderAny(type, jws, bundle.fed, views);
  return {
    ...(bundle.consent === undefined ? {} : { consent: read('consent', bundle.consent) }),
    inquiry: read('inquiry', bundle.inquiry),
    grants: bundle.grants.map((jws) => read('grant', jws)),
    disclosures: bundle.disclosures.map((jws) => read('disclosure', jws)),
    report: read('report', bundle.report),
  };
}

/**
 * Valid under one of the directories in use is valid; otherwise the newest, which comes first, says why not.
 */
function verifyUnderAny<T extends StatementType>(
  type: T,
  jws: string,
  fed: string,
  views: readonly DirectoryView[],
): Verified<ClaimsOf<T>> {
  let failure: unknown;
  for (const { keys } of views) {
    try {
      return verify(type, jws, { keys, fed, nowMs: 0, audience: 'any', received: 'archived' });
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function checkChain({ consent, inquiry, grants, disclosures, report }: EvidenceStatements): void {
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

function checkTimes({ consent, inquiry, grants, disclosures, report }: EvidenceStatements): void {
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

function checkLeaves(
  { leaves }: EvidenceBundle,
  { consent, inquiry, grants, disclosures, report }: EvidenceStatements,
): void {
  const present = new Set(
    [inquiry, report, ...grants, ...disclosures, ...(consent ? [consent] : [])].map(({ digest }) => digest),
  );
  if (!leaves.every(({ digest }) => present.has(digest))) throw misfit('/leaves');
}

function misfit(pointer: string): CausewayError {
  return new CausewayError('link_mismatch', {
    pointer,
    detail: `${pointer} does not fit the rest of the bundle.`,
  });
}
