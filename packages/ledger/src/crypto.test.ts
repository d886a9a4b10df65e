import { readFileSync } from 'node:fs';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import * as node from './crypto-node.ts';
import * as page from './crypto-page.ts';
import { flipped, unhex } from './tree.fixture.ts';

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
const message = fc.uint8Array({ maxLength: 300 });

describe('the page and the node compute the same', () => {
  test('hashes, base64, public keys and signatures are equal', () => {
    fc.assert(
      fc.property(seed, message, (secret, bytes) => {
        expect(page.sha256(bytes)).toEqual(node.sha256(bytes));
        expect(page.bytesToBase64(bytes)).toBe(node.bytesToBase64(bytes));
        const base64 = node.bytesToBase64(bytes);
        expect(page.bytesFromBase64(base64)).toEqual(node.bytesFromBase64(base64));
        expect(page.ed25519PublicKey(secret)).toEqual(node.ed25519PublicKey(secret));
        expect(page.ed25519Sign(secret, bytes)).toEqual(node.ed25519Sign(secret, bytes));
      }),
      { numRuns: 40 },
    );
  });

  test('each refuses a signature with one bit turned, in signature, message or key', () => {
    fc.assert(
      fc.property(seed, message, fc.nat(511), fc.constantFrom('key', 'message', 'signature'), (...drawn) => {
        const [secret, bytes, bit, where] = drawn;
        const parts = {
          key: node.ed25519PublicKey(secret),
          message: bytes.length === 0 ? Uint8Array.of(1) : bytes,
          signature: node.ed25519Sign(secret, bytes.length === 0 ? Uint8Array.of(1) : bytes),
        };
        for (const { ed25519Verify } of [node, page]) {
          expect(ed25519Verify(parts.key, parts.message, parts.signature)).toBe(true);
          const turned = { ...parts, [where]: flipped(parts[where], bit) };
          expect(ed25519Verify(turned.key, turned.message, turned.signature)).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each([0, 31, 33, 63, 65])(
    'keys and signatures of %i bytes verify nothing and throw nothing',
    (length) => {
      const secret = new Uint8Array(32);
      const signature = node.ed25519Sign(secret, secret);
      for (const { ed25519PublicKey, ed25519Verify } of [node, page]) {
        expect(ed25519Verify(ed25519PublicKey(secret), secret, new Uint8Array(length))).toBe(false);
        expect(ed25519Verify(new Uint8Array(length), secret, signature)).toBe(false);
      }
    },
  );
});

interface Edge {
  readonly comment: string;
  readonly message: string;
  readonly publicKey: string;
  readonly signature: string;
}

describe('signatures at which implementations differ have one verdict in page and node', () => {
  const file = new URL('../vectors/ed25519-edges.json', import.meta.url);
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Edge[] };
  const only = 'mixed key and R, the cofactorless equation holds';

  test.each(vectors)('$comment', (edge) => {
    const [key, bytes, signature] = [unhex(edge.publicKey), unhex(edge.message), unhex(edge.signature)];
    expect(node.ed25519Verify(key, bytes, signature)).toBe(edge.comment === only);
    expect(page.ed25519Verify(key, bytes, signature)).toBe(edge.comment === only);
  });
});

test('OpenSSL, which is not ours, makes and accepts the same signatures', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => at);
  const bytes = new TextEncoder().encode('a checkpoint');
  const prefix = unhex('302e020100300506032b657004220420');
  const key = createPrivateKey({ key: Buffer.concat([prefix, secret]), format: 'der', type: 'pkcs8' });
  expect(node.ed25519Sign(secret, bytes)).toEqual(Uint8Array.from(sign(null, bytes, key)));
  expect(verify(null, bytes, createPublicKey(key), page.ed25519Sign(secret, bytes))).toBe(true);
});
