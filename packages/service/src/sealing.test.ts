import { CausewayError } from '@causeway/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { systemRandom } from './shell.fixture.ts';
import { open as openWrapped, openUnder, seal as sealWrapped, sealUnder } from './sealing.ts';

const key = systemRandom.bytes(32);
const text = Buffer.from('{"balance":"809520"}');

describe.each([
  { how: 'under a data key of its own', seal: sealWrapped, open: openWrapped, other: sealUnder },
  { how: 'under the key itself', seal: sealUnder, open: openUnder, other: sealWrapped },
])('sealed $how', ({ seal, open, other }) => {
  const sealed = seal(key, text, 'disclosure/1', systemRandom);

  test('opens to the same bytes, and no two seals of them are alike', () => {
    expect(open(key, sealed, 'disclosure/1')).toEqual(text);
    expect(seal(key, text, 'disclosure/1', systemRandom)).not.toEqual(sealed);
    expect(sealed.includes('809520')).toBe(false);
  });

  test('any payload survives, the empty one too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, aad) => {
        expect(open(key, seal(key, bytes, aad, systemRandom), aad)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 50 },
    );
  });

  test('under another key or in another row it does not open', () => {
    expect(() => open(systemRandom.bytes(32), sealed, 'disclosure/1')).toThrow(CausewayError);
    expect(() => open(key, sealed, 'disclosure/2')).toThrow(CausewayError);
  });

  test('with any byte changed, or cut at any place, it does not open', () => {
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => open(key, changed, 'disclosure/1')).toThrow(CausewayError);
      expect(() => open(key, sealed.subarray(0, at), 'disclosure/1')).toThrow(CausewayError);
    }
  });

  test('a key of another length is a fault of ours', () => {
    expect(() => seal(systemRandom.bytes(16), text, 'a', systemRandom)).toThrow('32 bytes');
  });

  test('a box of the other kind is refused', () => {
    expect(() => open(key, other(key, text, 'disclosure/1', systemRandom), 'disclosure/1')).toThrow(
      CausewayError,
    );
  });
});
