import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { chain } from './chain.fixture.ts';
import { digestOf, isDigest, sha256Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import { context } from './federation.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { verify } from './verify.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const { jws, digest } = chain.inquiry;
const [top = '', payload = '', signature = ''] = jws.split('.');
const input = `${top}.${payload}`;

describe('S13 another spelling of a statement', () => {
  /** 64 bytes are 86 characters, the last of which carries 4 spare bits. */
  const last = alphabet.indexOf(signature.at(-1) ?? '');
  const spellings = Array.from(
    { length: 16 },
    (_, i) => signature.slice(0, -1) + (alphabet[(last & 0x30) | i] ?? ''),
  );

  it('S13 all 16 spellings decode to one signature where decoding is lenient', () => {
    expect(new Set(spellings.map((text) => Buffer.from(text, 'base64url').toString('hex'))).size).toBe(1);
  });

  it.each(spellings.map((text) => [text.at(-1), text]))('S13 a signature that ends in %s', (_end, text) => {
    const { code } = refusal(() => verify('inquiry', `${input}.${text}`, context('broker')));
    expect(code).toBe(text === signature ? 'accepted' : 'statement_malformed');
    expect(digestOf(`${input}.${text}`)).toBe(digest);
  });

  it.each([
    ['padding', `${jws}==`],
    ['a line break', `${input}.${signature.slice(0, 40)}\n${signature.slice(40)}`],
    ['a space', `${input}. ${signature}`],
    ['the other alphabet', jws.replaceAll('-', '+').replaceAll('_', '/')],
    ['a padded payload', `${top}.${payload}=.${signature}`],
    ['a character outside', `${input}.${signature.slice(0, -1)}é`],
  ])('S13 %s', (_what, text) => {
    expect(() => verify('inquiry', text, context('broker'))).toThrow(CausewayError);
  });

  it('S13 S8 another signature over the same content has the same digest', () => {
    const other = encodeBase64url(Buffer.alloc(64, 7));
    expect(digestOf(`${input}.${other}`)).toBe(digest);
  });

  it('S13 a signature with S raised by the order of the group does not verify', () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const bytes = decodeBase64url(signature);
    let s = 0n;
    for (let i = 63; i >= 32; i -= 1) s = (s << 8n) | BigInt(bytes[i] ?? 0);
    s += order;
    for (let i = 32; i < 64; i += 1, s >>= 8n) bytes[i] = Number(s & 255n);
    const run = () => verify('inquiry', `${input}.${encodeBase64url(bytes)}`, context('broker'));
    expect(run).toThrow(expect.objectContaining({ code: 'signature_invalid' }));
  });
});

describe('digests', () => {
  it('are those of SHA-256 (FIPS 180-4, "abc")', () => {
    expect(sha256Digest('abc')).toBe('sha-256:ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });

  it.each(['', 'a', 'a.b', '.b.c', 'a.b.c.d'])('%j has none', (text) => {
    expect(() => digestOf(text)).toThrow(CausewayError);
  });

  it.each(['sha-256:', `sha-256:${'A'.repeat(42)}B`, `SHA-256:${'A'.repeat(43)}`, 'A'.repeat(43), 7, null])(
    '%j is none',
    (text) => expect(isDigest(text)).toBe(false),
  );

  it('change with any change of the signing input', () => {
    fc.assert(
      fc.property(fc.nat({ max: input.length - 1 }), fc.constantFrom(...alphabet), (at, letter) => {
        const changed = input.slice(0, at) + letter + input.slice(at + 1);
        const same = sha256Digest(changed) === digest;
        expect(same).toBe(changed === input);
      }),
    );
  });
});

describe('base64url', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect([...decodeBase64url(text)]).toEqual([...bytes]);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      }),
    );
  });

  it('has one spelling for each value', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...alphabet, '=', '+', '/', ' '), maxLength: 12 }),
        (text) => {
          const strict = Buffer.from(text, 'base64url').toString('base64url') === text;
          expect(codeOf(() => decodeBase64url(text))).toBe(strict ? 'accepted' : 'statement_malformed');
        },
      ),
    );
  });
});
