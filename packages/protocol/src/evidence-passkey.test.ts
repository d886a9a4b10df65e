import { describe, expect, it } from 'vitest';
import {
  consentClaims,
  disclosureClaims,
  enrolmentClaims,
  grantClaims,
  inquiryClaims,
  reportClaims,
} from './chain.fixture.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import { bundle, ledgeredWith, nodeEntry } from './evidence.fixture.ts';
import { verifyBundle } from './evidence.ts';
import { now, otherSubject, signAs } from './federation.fixture.ts';
import { party, softPasskey, type SoftPasskey } from './passkey.fixture.ts';
import { codeOf } from './refusal.fixture.ts';

const [old, fresh] = [softPasskey('old'), softPasskey('fresh')];
const passkeys = { rp_id: party.rp_id, origins: [...party.origins] };
const directory = ledgeredWith([nodeEntry('consumer', { passkeys })], 7, now - 30);
const { anchor } = directory;

const enrolled = ({ credential_id, public_key }: SoftPasskey, change: object = {}) =>
  signAs('consumer', 'enrolment', { ...enrolmentClaims, credential_id, public_key, ...change });
const first = enrolled(old, { iat: now - 3600 });
const second = enrolled(fresh, { iat: now - 60, replaces: first.digest });
const consent = signAs('consumer', 'consent', {
  ...{ ...consentClaims, strength: 'passkey', evidence_digest: second.digest },
});

/** An inquiry under a consent by passkey, from the one to the report. */
function evidence(change: Partial<EvidenceBundle> = {}): EvidenceBundle {
  const inquiry = signAs('abc-bank', 'inquiry', { ...inquiryClaims, consent: consent.digest });
  const granted = { ...grantClaims, inquiry: inquiry.digest, consent: consent.digest };
  const [top, low] = ['central', 'lotus'].map((aud) =>
    signAs('consumer', 'grant', { ...granted, aud, strength: 'passkey' }),
  );
  if (top === undefined || low === undefined) throw new RangeError('two bureaus');
  const answered = { ...disclosureClaims, inquiry: inquiry.digest };
  const told = signAs('central', 'disclosure', { ...answered, grant: top.digest });
  const unknown = { ...answered, grant: low.digest, outcome: 'not_found' as const, records: [] };
  const silent = signAs('lotus', 'disclosure', unknown);
  const manifest = reportClaims.manifest.map((row, at) => ({
    ...{ ...row, disclosure: at === 0 ? told.digest : silent.digest },
  }));
  const report = signAs('broker', 'report', { ...reportClaims, inquiry: inquiry.digest, manifest });
  return bundle({
    ...{ roots: [directory.rootFile], heads: [directory.head.jws], entries: [...directory.texts] },
    ...{ consent: consent.jws, inquiry: inquiry.jws, grants: [top.jws, low.jws], report: report.jws },
    ...{ disclosures: [told.jws, silent.jws], passkey: proof(), ...change },
  });
}

const chain = (handover: unknown = old.assert(second.digest)) => [
  { statement: first.jws },
  { statement: second.jws, handover: handover as ReturnType<typeof old.assert> },
];
const proof = (change: object = {}): Proof => ({
  ...{ enrolments: chain(), assertion: fresh.assert(consent.digest), ...change },
});
type Proof = NonNullable<EvidenceBundle['passkey']>;
const codeFor = (passkey: Proof) => codeOf(() => verifyBundle(evidence({ passkey }), { anchor }));

describe('evidence of a consent by passkey', () => {
  it('shows that the passkey signed it, with every enrolment in its ledger', () => {
    const { checks, statements, verdict } = verifyBundle(evidence(), { anchor });
    expect(verdict).toBe('verified');
    expect(checks.find(({ name }) => name === 'passkey')).toMatchObject({ ok: true });
    expect(statements.enrolments.map(({ digest }) => digest)).toEqual([first.digest, second.digest]);
  });

  it('says so where the proof is not there', () => {
    const { passkey: _, ...rest } = evidence();
    const leaves = rest.leaves.filter(({ digest }) => ![first.digest, second.digest].includes(digest));
    const { checks } = verifyBundle({ ...rest, leaves }, { anchor });
    expect(checks.find(({ name }) => name === 'passkey')).toMatchObject({ ok: false });
  });
});

describe('evidence of a passkey that waited', () => {
  const waited = proof({ enrolments: [{ statement: first.jws }, { statement: second.jws }] });

  it('is refused where witnesses saw it less than 72 hours before the consent', () => {
    expect(codeFor(waited)).toBe('assertion_invalid');
  });

  it('shows nothing without the leaf by whose time it counts', () => {
    const whole = evidence({ passkey: waited });
    const at = whole.leaves.findIndex(({ digest }) => digest === second.digest);
    const leaves = whole.leaves.filter((_, n) => n !== at);
    const { checks, verdict } = verifyBundle({ ...whole, leaves }, { anchor });
    expect(verdict).toBe('unproven');
    expect(checks.find(({ name }) => name === 'passkey')).toMatchObject({ ok: false });
  });
});

describe('S42 evidence of a consent by passkey is refused', () => {
  it.each<[string, Proof]>([
    ['with an assertion over another statement', proof({ assertion: fresh.assert(first.digest) })],
    ['with an assertion by the passkey before', proof({ assertion: old.assert(consent.digest) })],
    ['where nobody signed for the new passkey', proof({ enrolments: chain(fresh.assert(second.digest)) })],
  ])('%s', (_what, passkey) => {
    expect(codeFor(passkey)).toBe('assertion_invalid');
  });

  it('with enrolments of another passkey, or of another subject', () => {
    expect(codeFor(proof({ enrolments: chain().slice(0, 1) }))).toBe('link_mismatch');
    const stray = { statement: enrolled(old, { subject_ref: otherSubject }).jws };
    expect(codeFor(proof({ enrolments: [stray, ...chain()] }))).toBe('link_mismatch');
  });

  it('where the consent is of no passkey at all', () => {
    expect(codeOf(() => verifyBundle(bundle({ passkey: proof() })))).toBe('evidence_invalid');
  });
});
