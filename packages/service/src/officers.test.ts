import { generateKey, type PrivateJwk } from '@causeway/protocol/keys';
import { expect, test } from 'vitest';
import { readOfficers } from './officers.ts';

const publicPart = ({ crv, kty, x }: PrivateJwk) => ({ kty, crv, x });
const [one, two] = [publicPart(generateKey()), publicPart(generateKey())];

test('S33 two different officers are needed to start at all', () => {
  expect(readOfficers(JSON.stringify({ keys: [one, two] })).size).toBe(2);
  for (const keys of [[], [one], [one, one]]) {
    expect(() => readOfficers(JSON.stringify({ keys }))).toThrow(/two different officers/u);
  }
});

test.each(['', 'x', '[]', '{}', '{"keys":1}', 'null'])('what is no JWK Set is refused: %j', (text) => {
  expect(() => readOfficers(text)).toThrow(/JWK Set/u);
});

test('a private or unsound key of an officer is refused, and not repeated', () => {
  const secret = generateKey();
  const error = (() => {
    try {
      return readOfficers(JSON.stringify({ keys: [one, secret] }));
    } catch (refused) {
      return String(refused);
    }
  })();
  expect(error).toMatch(/cannot be used/u);
  expect(error).not.toContain(secret.d);
});
