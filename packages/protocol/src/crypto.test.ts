import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as node from './crypto-node.ts';
import * as page from './crypto-page.ts';

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const input = fc.base64String({ maxLength: 300 });
const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);

describe('the page and the node compute the same', () => {
  test('hashes of bytes and of any text, a lone surrogate in it too', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }), fc.constant('\ud800')), (data) => {
        expect(page.sha256Base64url(data)).toBe(node.sha256Base64url(data));
      }),
    );
  });

  test('base64url of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = node.bytesToBase64url(bytes);
        expect(page.bytesToBase64url(bytes)).toBe(text);
        expect(page.bytesFromBase64url(text)).toEqual(bytes);
      }),
    );
  });

  test('which texts are the one spelling of bytes: what `decodeBase64url` asks', () => {
    const drawn = fc.oneof(fc.base64String(), fc.string(), fc.stringMatching(/^[\w\-+/= \n]{0,12}$/u));
    fc.assert(
      fc.property(drawn, (text) => {
        const [inNode, inPage] = [node, page].map(
          ({ bytesFromBase64url, bytesToBase64url }) => bytesToBase64url(bytesFromBase64url(text)) === text,
        );
        expect(inPage).toBe(inNode);
      }),
      { numRuns: 2000 },
    );
  });

  test('public keys and signatures', () => {
    fc.assert(
      fc.property(seed, input, (secret, text) => {
        const keys = [node.ed25519Private(secret), page.ed25519Private(secret)] as const;
        const signature = plain(node.ed25519Sign(keys[0], text));
        expect(page.ed25519PublicBytes(keys[1])).toEqual(node.ed25519PublicBytes(keys[0]));
        expect(page.ed25519Sign(keys[1], text)).toEqual(signature);
        expect(JSON.stringify(keys[1])).toBe('{}');
      }),
      { numRuns: 40 },
    );
  });
});

describe('each refuses', () => {
  const secret = new Uint8Array(32).fill(7);
  const key = node.ed25519PublicBytes(node.ed25519Private(secret));
  const signature = plain(node.ed25519Sign(node.ed25519Private(secret), 'header.payload'));
  const taken = (publicKey: Uint8Array, text: string, signed: Uint8Array): boolean[] => [
    node.ed25519Verify(node.ed25519Public(publicKey), text, signed),
    page.ed25519Verify(page.ed25519Public(publicKey), text, signed),
  ];

  test('another text, and any bit turned in signature or key', () => {
    expect(taken(key, 'header.payload', signature)).toEqual([true, true]);
    expect(taken(key, 'header.payloae', signature)).toEqual([false, false]);
    const turned = (bytes: Uint8Array, bit: number): Uint8Array =>
      bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    fc.assert(
      fc.property(fc.nat(511), fc.nat(255), (ofSignature, ofKey) => {
        expect(taken(key, 'header.payload', turned(signature, ofSignature))).toEqual([false, false]);
        expect(taken(turned(key, ofKey), 'header.payload', signature)).toEqual([false, false]);
      }),
      { numRuns: 60 },
    );
  });

  test.each([0, 31, 33, 63, 65])('keys and signatures of %i bytes, and throws nothing', (length) => {
    expect(taken(key, 'header.payload', new Uint8Array(length))).toEqual([false, false]);
    expect(taken(new Uint8Array(length), 'header.payload', signature)).toEqual([false, false]);
  });
});

interface Edge {
  readonly comment: string;
  readonly message: string;
  readonly publicKey: string;
  readonly signature: string;
}

describe('signatures at which implementations differ have one verdict in page and node', () => {
  const file = new URL('../../ledger/vectors/ed25519-edges.json', import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Edge[] };
  const only = 'mixed key and R, the cofactorless equation holds';

  test.each(vectors)('S18 $comment', ({ comment, message, publicKey, signature }) => {
    const text = Buffer.from(message, 'hex').toString('latin1');
    const [key, signed] = [Buffer.from(publicKey, 'hex'), Buffer.from(signature, 'hex')];
    expect(node.ed25519Verify(node.ed25519Public(key), text, signed)).toBe(comment === only);
    expect(page.ed25519Verify(page.ed25519Public(key), text, signed)).toBe(comment === only);
  });
});
