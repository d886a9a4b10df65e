import { describe, expect, it } from 'vitest';
import { correctionClaims, disputeClaims, examples, handlingClaims } from './chain.fixture.ts';
import { context, now, otherSubject, signAs, signRaw, subject } from './federation.fixture.ts';
import { entryDigest } from './member-entry.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { statementTypes, type StatementType } from './statement-types.ts';
import { verify } from './verify.ts';

type Type = 'dispute' | 'handling' | 'correction';

const read = (type: Type, jws: string, to = examples[type].to) => verify(type, jws, context(to)).claims;
/** Validly signed by who signs such statements, whatever it says. */
const raw = (type: Type, change: object, by = examples[type].by): string =>
  signRaw(by, type, { payload: { ...examples[type].signed.claims, iss: by, ...change } });

describe('the statements of a dispute', () => {
  it('open one, take it back, and go with it step by step', () => {
    const { jws, digest } = signAs('consumer', 'dispute', disputeClaims);
    expect(read('dispute', jws)).toMatchObject({ action: 'open', subject_refs: [subject] });
    const back = { ...disputeClaims, action: 'withdraw', opening: digest } as const;
    expect(read('dispute', signAs('consumer', 'dispute', back).jws)).toMatchObject({ opening: digest });
    const said = { step: 5, text_digest: entryDigest('You were right.') } as const;
    const found = { ...handlingClaims, ...said, event: 'resolve', outcome: 'corrected' } as const;
    expect(read('handling', signAs('central', 'handling', found).jws)).toMatchObject(said);
    const correction = signAs('consumer', 'correction', correctionClaims);
    expect(read('correction', correction.jws)).toMatchObject({ outcome: 'corrected' });
  });

  it.each<[Type, string[]]>([
    ['dispute', ['consumer']],
    ['handling', ['bureau']],
    ['correction', ['consumer']],
  ])('%s is signed by %j alone', (type, signers) => {
    expect(statementTypes[type satisfies StatementType].signers).toEqual(signers);
    for (const member of ['broker', 'abc-bank', type === 'handling' ? 'consumer' : 'central']) {
      expect(codeOf(() => read(type, raw(type, {}, member)))).toBe('key_use');
    }
  });
});

describe('refused is', () => {
  it.each<[Type, string, object]>([
    ['dispute', '/action', { action: 'reopen' }],
    ['dispute', '/record', { record: 'two\nlines' }],
    ['dispute', '/reason', { reason: 'because' }],
    ['dispute', '/text_digest', { text_digest: 'I paid this back.' }],
    ['dispute', '/text', { text: 'I paid this back.' }],
    ['dispute', '/received_at', { received_at: now + 1 }],
    ['dispute', '/opening', { opening: entryDigest('another') }],
    ['dispute', '/opening', { action: 'withdraw' }],
    ['dispute', '/subject_refs', { subject_refs: [] }],
    ['dispute', '/subject_refs', { subject_refs: [subject, otherSubject, subject] }],
    ['dispute', '/aud', { aud: ['central', 'lotus'] }],
    ['handling', '/step', { step: 0 }],
    ['handling', '/event', { event: 'forget' }],
    ['handling', '/outcome', { event: 'resolve' }],
    ['handling', '/outcome', { outcome: 'corrected' }],
    ['handling', '/outcome', { event: 'resolve', outcome: 'withdrawn' }],
    ['handling', '/outcome', { event: 'lapse', outcome: 'corrected' }],
    ['handling', '/reason', { reason: 'court' }],
    ['handling', '/reason', { event: 'reject' }],
    ['handling', '/reason', { event: 'reject', reason: 'court' }],
    ['handling', '/reason', { event: 'stop', reason: 'no_such_item' }],
    ['handling', '/subject_ref', { subject_ref: subject }],
    ['correction', '/outcome', { outcome: 'unfounded' }],
    ['correction', '/records', { records: [] }],
    ['correction', '/subject_ref', { subject_ref: subject }],
  ])('a %s that says at %s %j', (type, pointer, change) => {
    expect(refusal(() => read(type, raw(type, change)))).toMatchObject({
      ...{ code: 'statement_malformed', pointer },
    });
  });
});
