import { createPublicKey, type JsonWebKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as page from './crypto-page.ts';
import { sha256Digest } from './digest.ts';
import { checkAssertion, type PasskeyAssertion } from './passkey-assertion.ts';
import { passkeyKeyProblem, passkeySignatureHolds } from './passkey-key.ts';
import { newPasskey, party, softPasskey, type AssertionChange } from './passkey.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';

const challenge = sha256Digest('a consent');
const passkey = softPasskey('lina');
const kinds = { 'P-256': newPasskey('P-256'), Ed25519: newPasskey('Ed25519'), RSA: newPasskey('RSA') };
const check = (assertion: unknown, change: Partial<Parameters<typeof checkAssertion>[1]> = {}) =>
  checkAssertion(assertion, { challenge, enrolment: passkey, party, ...change });
const asserted = (change: AssertionChange = {}) => passkey.assert(challenge, change);
const pointerOf = (change: AssertionChange) => {
  const { code, pointer } = refusal(() => check(asserted(change)));
  expect(code).toBe('assertion_invalid');
  return pointer;
};

describe('an assertion holds', () => {
  it.each(Object.entries(kinds))('by a key of %s', (_kind, each) => {
    expect(codeOf(() => check(each.assert(challenge), { enrolment: each }))).toBe('accepted');
  });

  it('whatever the counter is, and with what browsers and authenticators add', () => {
    expect(codeOf(() => check(asserted({ clientData: { crossOrigin: undefined, other: [1] } })))).toBe(
      'accepted',
    );
    expect(codeOf(() => check(asserted({ flags: 0x1d })))).toBe('accepted');
    expect(codeOf(() => check(asserted({ flags: 0x85, extensions: Buffer.of(0xa0) })))).toBe('accepted');
  });
});

describe('S42 an assertion is refused', () => {
  it.each<[string, AssertionChange]>([
    ['over another statement', { clientData: { challenge: sha256Digest('another').slice(8) } }],
    ['over its digest in another spelling', { clientData: { challenge } }],
    ['made for a registration', { clientData: { type: 'webauthn.create' } }],
    ['made at another origin', { clientData: { origin: 'https://portal.example.evil.example' } }],
    ['made at another port', { clientData: { origin: 'https://portal.example:8443' } }],
    ['made in a frame of another site', { clientData: { crossOrigin: true } }],
    ['made under another page', { clientData: { topOrigin: 'https://evil.example' } }],
    ['with no origin', { clientData: { origin: undefined } }],
  ])('%s', (_what, change) => {
    expect(pointerOf(change)).toBe('/client_data');
  });

  it.each<[string, AssertionChange]>([
    ['of another relying party', { rpId: 'evil.example' }],
    ['without the person being there', { flags: 0x04 }],
    ['without the person being verified', { flags: 0x01 }],
    ['that attests a new credential', { flags: 0x45 }],
    ['backed up without being made for it', { flags: 0x15 }],
    ['with bytes that no flag announces', { extensions: Buffer.of(0) }],
    ['whose flag announces what is not there', { flags: 0x85 }],
  ])('%s', (_what, change) => {
    expect(pointerOf(change)).toBe('/authenticator_data');
  });

  it('by another passkey, of whichever name', () => {
    const other = softPasskey('wang');
    expect(refusal(() => check(other.assert(challenge))).pointer).toBe('/credential_id');
    const named = { ...other.assert(challenge), credential_id: passkey.credential_id };
    expect(refusal(() => check(named)).pointer).toBe('/signature');
  });

  it('under a key of another kind', () => {
    for (const { public_key } of Object.values(kinds)) {
      const enrolment = { credential_id: passkey.credential_id, public_key };
      expect(refusal(() => check(asserted(), { enrolment })).pointer).toBe('/signature');
    }
  });

  it('S40 with any one bit flipped, in whichever member', () => {
    const good = asserted();
    const members = ['client_data', 'authenticator_data', 'signature', 'credential_id'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...members), fc.nat(), fc.nat(7), (name, at, bit) => {
        const bytes = Buffer.from(good[name], 'base64url');
        const place = at % bytes.length;
        bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        const spoilt: PasskeyAssertion = { ...good, [name]: bytes.toString('base64url') };
        expect(codeOf(() => check(spoilt))).toBe('assertion_invalid');
      }),
      { numRuns: 400 },
    );
  });

  it('S13 S40 in another spelling, with more or fewer members, or as no object', () => {
    const good = asserted();
    const { signature: _, ...less } = good;
    const spellings = [
      ...[less, { ...good, note: 'x' }, { ...good, signature: `${good.signature}=` }, null, 'x', []],
      { ...good, client_data: `${good.client_data} ` },
    ];
    for (const each of spellings) expect(codeOf(() => check(each))).toBe('assertion_invalid');
  });

  it('S64 where its client data says a member twice, or is no JSON', () => {
    const text = Buffer.from(asserted().client_data, 'base64url').toString();
    for (const said of [text.replace('{', '{"type":"webauthn.create",'), text.slice(1), '[]', '"x"']) {
      const spoilt = { ...asserted(), client_data: Buffer.from(said).toString('base64url') };
      expect(refusal(() => check(spoilt)).pointer).toBe('/client_data');
    }
  });

  it('whatever bytes are sent', () => {
    const text = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
    const any = fc.record({ client_data: text, authenticator_data: text, signature: text });
    fc.assert(
      fc.property(any, (parts) => {
        const assertion = { ...parts, credential_id: passkey.credential_id };
        expect(codeOf(() => check(assertion))).toBe('assertion_invalid');
      }),
    );
  });
});

const coordinate = fc
  .oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constant(new Uint8Array(32).fill(0xff)))
  .map((bytes) => Buffer.from(bytes).toString('base64url'));
const imports = (key: JsonWebKey): boolean => {
  try {
    return createPublicKey({ key, format: 'jwk' }).asymmetricKeyType === 'ec';
  } catch {
    return false;
  }
};

describe('S18 a key that may not be enrolled', () => {
  const { public_key: ec } = softPasskey('x');
  const rsa = kinds.RSA.public_key;

  it('is sound otherwise', () => {
    for (const { public_key } of Object.values(kinds)) expect(passkeyKeyProblem(public_key)).toBeUndefined();
  });

  it('is a point beside the curve, or of small order', () => {
    if (ec.kty !== 'EC') throw new TypeError('of P-256');
    expect(passkeyKeyProblem({ ...ec, y: ec.x })).toBeDefined();
    expect(passkeyKeyProblem({ ...ec, x: 'A'.repeat(43), y: 'A'.repeat(43) })).toBeDefined();
    const zero = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;
    expect(passkeyKeyProblem(zero)).toBeDefined();
  });

  it('is judged so as the platform judges it, whichever bytes it has', () => {
    if (ec.kty !== 'EC') throw new TypeError('of P-256');
    const part = fc.oneof(fc.constant(ec.x), fc.constant(ec.y), coordinate);
    fc.assert(
      fc.property(part, part, (x, y) => {
        const jwk = { ...ec, x, y };
        expect(passkeyKeyProblem(jwk) === undefined).toBe(imports(jwk));
      }),
      { numRuns: 200 },
    );
  });

  it('is RSA of fewer than 2048 or more than 4096 bits, or even', () => {
    if (rsa.kty !== 'RSA') throw new TypeError('of RSA');
    const of = (bytes: Buffer) => passkeyKeyProblem({ ...rsa, n: bytes.toString('base64url') });
    expect(of(Buffer.alloc(257, 0xff))).toBeUndefined();
    expect(of(Buffer.alloc(256, 0x7f))).toBeDefined();
    expect(of(Buffer.concat([Buffer.of(1), Buffer.alloc(512, 0xff)]))).toBeDefined();
    expect(of(Buffer.alloc(256, 0xfe))).toBeDefined();
  });
});

describe('the page judges as the node does', () => {
  it.each(Object.entries(kinds))('signatures of %s, good and spoilt', (_kind, { assert, public_key }) => {
    const { authenticator_data, client_data, signature } = assert(challenge);
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64url'));
    const hash = bytes(page.sha256Base64url(bytes(client_data)));
    const message = new Uint8Array([...bytes(authenticator_data), ...hash]);
    const inPage = (spoilt: Uint8Array): boolean => {
      if (public_key.kty === 'EC') return page.p256Verify(public_key, message, spoilt);
      if (public_key.kty === 'RSA') return page.rsaVerify(public_key, message, spoilt);
      const key = page.ed25519Public(bytes(public_key.x));
      return page.ed25519Verify(key, Buffer.from(message).toString('latin1'), spoilt);
    };
    expect(inPage(bytes(signature))).toBe(true);
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), fc.nat(2), (at, by, cut) => {
        const spoilt = bytes(signature).slice(cut);
        const place = at % spoilt.length;
        spoilt[place] = (spoilt[place] ?? 0) ^ by;
        expect(inPage(spoilt)).toBe(passkeySignatureHolds(public_key, message, spoilt));
      }),
      { numRuns: 60 },
    );
  });
});
