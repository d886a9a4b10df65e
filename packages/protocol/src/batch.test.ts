import { describe, expect, it } from 'vitest';
import { batchClaims, examples, flip } from './chain.fixture.ts';
import {
  context,
  directoryWith,
  entryOf,
  keyOf,
  memberKey,
  now,
  signAs,
  signRaw,
} from './federation.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { statementTypes, statementUses } from './statement-types.ts';
import { verify } from './verify.ts';

const { signed } = examples.batch;
const read = (jws: string, audience = 'evergreen') => verify('batch', jws, context(audience)).claims;
/** Validly signed by the bureau, whatever it says. */
const raw = (change: object, by = 'central'): string =>
  signRaw(by, 'batch', { payload: { ...signed.claims, iss: by, ...change } });

describe('a batch', () => {
  it.each(['evergreen', 'lotus', 'consumer', 'authority'])('is for everybody, %s too', (reader) => {
    expect(read(signed.jws, reader)).toEqual(signed.claims);
  });

  it('says who published what years later, when it has long expired', () => {
    const years = (received: 'first' | 'archived') =>
      verify('batch', signed.jws, context('any', { received, nowMs: (now + 9e7) * 1000 })).claims;
    expect(codeOf(() => years('first'))).toBe('expired');
    expect(years('archived').provider).toBe('abc-bank');
  });

  it('needs no basis where each record has its own', () => {
    const { basis: _, ...rest } = batchClaims;
    expect(read(signAs('central', 'batch', rest).jws).basis).toBeUndefined();
  });
});

describe('a batch is refused', () => {
  it.each(['broker', 'consumer', 'abc-bank'])('signed by %s, which is no bureau', (member) => {
    expect(codeOf(() => read(raw({}, member)))).toBe('key_use');
    expect(statementTypes.batch.signers).toEqual(['bureau']);
  });

  it('in a directory that lists its use for a lender', () => {
    const key = memberKey(keyOf('abc-bank').jwk, ['inquiry', 'batch']);
    expect(codeOf(() => directoryWith([entryOf('abc-bank', { keys: [key] })]))).toBe('directory_invalid');
    expect(statementUses(['bureau'])).toContain('batch');
  });

  it.each(['abc-bank', 'any', ['all'], ['evergreen', 'lotus'], undefined])('addressed to %j alone', (aud) => {
    const { code, pointer } = refusal(() => read(raw({ aud }), 'abc-bank'));
    expect({ code, pointer }).toEqual({ code: 'statement_malformed', pointer: '/aud' });
  });

  it('altered in any part', () => {
    for (const [part, at] of [
      [0, 3],
      [1, 40],
      [1, 200],
      [2, 7],
    ] as const)
      expect(codeOf(() => read(flip(signed.jws, part, at)))).not.toBe('accepted');
  });

  it.each([
    ['/file', { file: 'sha-256:x' }],
    ['/mapping', { mapping: undefined }],
    ['/provider', { provider: 'ABC Bank' }],
    ['/provider', { provider: '110101199001011234\n' }],
    ['/basis', { basis: {} }],
    ['/basis/note', { basis: { law: 'x', note: 'y' } }],
    ['/basis/consent', { basis: { consent: 'verbal' } }],
    ['/format', { format: 'xls' }],
    ['/bytes', { bytes: -1 }],
    ['/received_at', { received_at: now + 1 }],
    ['/received_at', { received_at: '2026-11-01' }],
    ['/subject_ref', { subject_ref: `s1.1.${'A'.repeat(43)}` }],
  ])('that says at %s %j', (pointer, change) => {
    expect(refusal(() => read(raw(change)))).toMatchObject({ code: 'statement_malformed', pointer });
  });
});
