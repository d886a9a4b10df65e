import { describe, expect, it } from 'vitest';
import {
  account,
  chain,
  consentClaims,
  disclosureClaims,
  flip,
  grantClaims,
  inquiryClaims,
  reportClaims,
} from './chain.fixture.ts';
import { checkEvidenceBundle, type EvidenceBundle } from './evidence-bundle.ts';
import { bare, bundle, ledgered, ledgeredWith, nodeEntry } from './evidence.fixture.ts';
import { verifyBundle } from './evidence.ts';
import {
  clockAt,
  directoryWith,
  keyOf,
  memberKey,
  newKey,
  nextRoot,
  now,
  otherSubject,
  publicPart,
  randomFrom,
  signAs,
} from './federation.fixture.ts';
import { generateKey, type PublicJwk, type SigningKey } from './keys.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { rootFingerprint } from './root.ts';
import { sign } from './sign.ts';

const { anchor } = ledgered;
const codeFor = (change: Partial<EvidenceBundle>) => codeOf(() => verifyBundle(bundle(change), { anchor }));

const [top, low] = [chain.disclosure.jws, chain.lotusDisclosure.jws];
const row = reportClaims.manifest;

describe('S17 an evidence bundle', () => {
  it('verifies under the anchor, and names what was checked', () => {
    const { verdict, checks, statements } = verifyBundle(bundle(), { anchor });
    expect(verdict).toBe('verified');
    expect(checks.map(({ name }) => name)).toEqual([
      'root',
      'directories',
      'leaves',
      'signatures',
      'links',
      'manifest',
      'times',
    ]);
    expect(statements.disclosures).toHaveLength(2);
    expect(statements.report.digest).toBe(chain.report.digest);
  });

  it('S17 without an anchor is consistent, signer unknown', () => {
    expect(verifyBundle(bundle()).verdict).toBe('consistent_signer_unknown');
  });

  it('S17 under another anchor fails', () => {
    const other = rootFingerprint(directoryWith().rootFile);
    expect(codeOf(() => verifyBundle(bundle(), { anchor: other }))).toBe('anchor_mismatch');
  });

  it('survives being written down and read again', () => {
    const again: unknown = JSON.parse(JSON.stringify(bundle()));
    expect(verifyBundle(checkEvidenceBundle(again), { anchor }).verdict).toBe('verified');
  });

  it('S3 fails after one flipped byte in any statement, whether it has a leaf or not', () => {
    for (const whole of [bundle(), bare()]) {
      const codeWith = (change: Partial<EvidenceBundle>) =>
        codeOf(() => verifyBundle({ ...whole, ...change }, { anchor }));
      expect(codeWith({})).toBe('accepted');
      for (const part of [0, 1, 2] as const) {
        expect(codeWith({ inquiry: flip(chain.inquiry.jws, part, 30) })).not.toBe('accepted');
        expect(codeWith({ consent: flip(chain.consent.jws, part, 30) })).not.toBe('accepted');
        expect(codeWith({ report: flip(chain.report.jws, part, 30) })).not.toBe('accepted');
        expect(codeWith({ grants: [flip(chain.grant.jws, part, 30), chain.lotusGrant.jws] })).not.toBe(
          'accepted',
        );
        expect(codeWith({ disclosures: [top, flip(low, part, 30)] })).not.toBe('accepted');
        expect(codeWith({ heads: [flip(ledgered.head.jws, part, 30)] })).not.toBe('accepted');
      }
      const entries = ledgered.texts.map((text) => text.replace('"A"', '"B"'));
      expect(codeWith({ entries })).toBe('directory_invalid');
    }
  });
});

describe('S9 parts that do not belong together', () => {
  const otherInquiry = signAs('abc-bank', 'inquiry', inquiryClaims);
  const otherDisclosure = signAs('central', 'disclosure', disclosureClaims);
  const consentWith = (change: Partial<typeof consentClaims>) =>
    signAs('consumer', 'consent', { ...consentClaims, ...change }).jws;
  const grantWith = (change: Partial<typeof grantClaims>) => [
    signAs('consumer', 'grant', { ...grantClaims, ...change }).jws,
    chain.grant.jws,
    chain.lotusGrant.jws,
  ];
  const reportWith = (change: Partial<typeof reportClaims>) =>
    signAs('broker', 'report', { ...reportClaims, ...change }).jws;

  it.each([
    ['another inquiry', { inquiry: otherInquiry.jws }],
    ['another consent', { consent: consentWith({}) }],
    ['no consent', { consent: undefined }],
    ['a disclosure too few', { disclosures: [top] }],
    ['a disclosure too many', { disclosures: [top, low, otherDisclosure.jws] }],
    ['a disclosure swapped for another of the same bureau', { disclosures: [otherDisclosure.jws, low] }],
    ['a disclosure twice', { disclosures: [top, top] }],
    ['the grant of a disclosure missing', { grants: [chain.lotusGrant.jws] }],
    ['a grant for another inquiry', { grants: grantWith({ inquiry: otherInquiry.digest }) }],
    ['a grant for another subject', { grants: grantWith({ subject_ref: otherSubject }) }],
    ['a grant for another use', { grants: grantWith({ use: 2 }) }],
    ['a grant for another presenter', { grants: grantWith({ presenter: 'central' }) }],
    ['a grant wider than the inquiry', { grants: grantWith({ categories: ['ACCOUNT_SUMMARY', 'INQUIRY'] }) }],
    ['a grant to a bureau that the consent does not name', { grants: grantWith({ aud: 'evergreen' }) }],
    ['a grant from before the inquiry', { grants: grantWith({ iat: now - 30, exp: now - 15 }) }],
    ['a report for another inquiry', { report: reportWith({ inquiry: otherInquiry.digest }) }],
    ['a report for another subject', { report: reportWith({ subject_ref: otherSubject }) }],
    ['a report to another lender', { report: reportWith({ aud: 'evergreen' }) }],
    ['a report of another use', { report: reportWith({ use: 2 }) }],
    ['a manifest that hides a bureau', { report: reportWith({ manifest: row.slice(0, 1) }) }],
    [
      'a manifest that renames a bureau',
      {
        report: reportWith({
          manifest: row.map((one, i) => ({ ...one, bureau: i === 0 ? 'evergreen' : 'lotus' })),
        }),
      },
    ],
    [
      'a manifest that miscounts',
      { report: reportWith({ manifest: row.map((one) => ({ ...one, records: 0 })) }) },
    ],
  ] as [string, Partial<EvidenceBundle>][])('S9 %s', (_what, change) => {
    const code = codeFor(change);
    expect(['link_mismatch', 'evidence_invalid']).toContain(code);
  });

  it('S9 a disclosure that exceeds its grant', () => {
    const records = [{ ...account, class5: 'normal' as const }];
    const wide = signAs('central', 'disclosure', { ...disclosureClaims, records });
    const manifest = row.map((one) => (one.bureau === 'central' ? { ...one, disclosure: wide.digest } : one));
    const change = { disclosures: [wide.jws, low], report: reportWith({ manifest }) };
    expect(refusal(() => verifyBundle(bundle(change), { anchor }))).toMatchObject({
      code: 'link_mismatch',
      pointer: '/records',
    });
  });

  it('S9 a disclosure from after its grant', () => {
    const late = signAs('central', 'disclosure', { ...disclosureClaims, iat: now + 18 });
    const manifest = row.map((one) => (one.bureau === 'central' ? { ...one, disclosure: late.digest } : one));
    expect(codeFor({ disclosures: [late.jws, low], report: reportWith({ manifest }) })).toBe('link_mismatch');
  });

  it.each([
    ['purpose', { purposes: ['POST_LOAN' as const] }],
    ['category', { categories: ['INQUIRY' as const] }],
    ['lender', { grantee: 'evergreen', aud: ['evergreen', 'central', 'lotus'] }],
    ['subject', { subject_ref: otherSubject }],
  ])('S35 a consent for another %s does not carry the inquiry', (_what, change) => {
    const consent = signAs('consumer', 'consent', { ...consentClaims, ...change });
    const inquiry = signAs('abc-bank', 'inquiry', { ...inquiryClaims, consent: consent.digest });
    expect(codeFor({ consent: consent.jws, inquiry: inquiry.jws })).toBe('link_mismatch');
  });
});

describe('S11 the keys of the time', () => {
  const heads = (directory: typeof ledgered) => ({
    roots: [directory.rootFile],
    heads: [directory.head.jws],
    entries: [...directory.texts],
  });
  const codeUnder = (directory: typeof ledgered) =>
    codeOf(() => verifyBundle(bundle(heads(directory)), { anchor: directory.anchor }));

  it('S11 a key that was revoked then does not count', () => {
    const keys = [memberKey(keyOf('central').jwk, ['disclosure'], { revoked_at: now - 60 })];
    expect(codeUnder(ledgeredWith([nodeEntry('central', { keys })], 7, now - 30))).toBe('key_revoked');
  });

  it('S11 evidence of the past holds when its directory has long expired', () => {
    expect(codeUnder(ledgeredWith([], 9, now - 500))).toBe('accepted');
  });

  it('S11 a directory of another time does not vouch', () => {
    expect(codeFor({ heads: [] })).toBe('evidence_invalid');
    const early = ledgeredWith([], 9, now - 700);
    for (const made of [bundle(heads(early)), bare(heads(early))]) {
      const { code, pointer } = refusal(() => verifyBundle(made, { anchor: early.anchor }));
      expect([code, pointer]).toEqual(['evidence_invalid', '/heads']);
    }
  });
});

describe('S11 the root of the time', () => {
  const { rootFile, rootKey, directoryKey } = ledgered;
  const [newRoot, newDirectory] = [generateKey(), newKey('authority')];
  const named = ({ jwk }: { jwk: PublicJwk }, from: number) =>
    ({ use: 'directory', member: 'authority', jwk: publicPart(jwk), from }) as const;
  const [old, young] = [named(directoryKey, now - 86_400), named(newDirectory, now + 3600)];
  const keysOfBoth = { root_keys: [publicPart(newRoot)], keys: [old, young], issued_at: now + 3600 };
  const two = nextRoot(rootFile, keysOfBoth, [rootKey, newRoot]);
  const three = nextRoot(two, { keys: [young], issued_at: now + 7200 }, [newRoot]);
  const roots = [rootFile, two, three];

  it('S11 evidence of before still verifies, under the old anchor and under the new one', () => {
    for (const root of roots) {
      const { verdict } = verifyBundle(bundle({ roots }), { anchor: rootFingerprint(root) });
      expect(verdict).toBe('verified');
    }
  });

  it('S11 a bundle made before a rotation verifies under the new anchor with the roots since', () => {
    const newest = rootFingerprint(three);
    expect(codeOf(() => verifyBundle(bundle(), { anchor: newest }))).toBe('anchor_mismatch');
    expect(verifyBundle(bundle(), { anchor: newest, roots }).verdict).toBe('verified');
  });

  const headBy = (key: SigningKey, iat: number) =>
    sign(
      'directory',
      { ...ledgered.head.claims, iat, exp: iat + 600 },
      { key, fed: 'test-fed', clock: clockAt(iat), random: randomFrom(9) },
    ).jws;
  const codeOfHead = (head: string) => {
    return codeFor({ roots, heads: [head, ledgered.head.jws] });
  };

  it('S11 a directory key counts while a root names it, and no longer', () => {
    expect(codeOfHead(headBy(directoryKey, now))).toBe('accepted');
    expect(codeOfHead(headBy(directoryKey, now + 7199))).toBe('accepted');
    expect(codeOfHead(headBy(directoryKey, now + 7200))).toBe('key_unknown');
    expect(codeOfHead(headBy(newDirectory, now + 3600))).toBe('accepted');
    expect(codeOfHead(headBy(newDirectory, now + 9000))).toBe('accepted');
    expect(codeOfHead(headBy(newDirectory, now + 3599))).toBe('key_unknown');
  });

  it('S17 roots that somebody else would have put on top spoil it', () => {
    const thief = generateKey();
    const forged = nextRoot(two, { root_keys: [publicPart(thief)] }, [thief]);
    expect(codeFor({ roots: [rootFile, two, forged] })).toBe('signature_invalid');
    expect(codeFor({ roots: [...roots, rootFile] })).toBe('directory_invalid');
  });
});

describe('S64 what is no bundle', () => {
  it.each([null, [], {}, 'x', { ...bundle(), v: 1 }, { ...bundle(), note: 1 }])('%#', (value) => {
    expect(codeOf(() => verifyBundle(value, { anchor }))).toBe('evidence_invalid');
  });

  it('of another federation', () => {
    expect(codeFor({ fed: 'production' })).toBe('federation_mismatch');
  });
});
