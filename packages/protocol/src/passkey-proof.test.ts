import { describe, expect, it } from 'vitest';
import { context, fed, now, signAs, subject } from './federation.fixture.ts';
import { enrolmentClaims } from './chain.fixture.ts';
import { party, softPasskey } from './passkey.fixture.ts';
import { pinAt, pinnedWith, replacementWait_s, type Pin, type PresentedEnrolment } from './passkey-proof.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { enrolmentContent } from './statements/enrolment.ts';
import { verify } from './verify.ts';

const hours = (n: number) => n * 3600;
const old = softPasskey('old');
const fresh = softPasskey('fresh');

function enrolled(
  { credential_id, public_key }: typeof old,
  iat: number,
  replaces?: Pin['digest'],
): PresentedEnrolment['enrolment'] {
  const claims = { ...enrolmentClaims, credential_id, public_key, iat };
  const { jws } = signAs('consumer', 'enrolment', replaces === undefined ? claims : { ...claims, replaces });
  return verify('enrolment', jws, context('central', { received: 'forwarded' }));
}

const first = enrolled(old, now - hours(20));
const second = enrolled(fresh, now - hours(1), first.digest);
const at = (now_s = now) => ({ now_s, party });
const pins = pinnedWith([], { enrolment: first }, at());
const handover = old.assert(second.digest);

describe('a verifier that knows no passkey of the subject', () => {
  it('takes the first as it is, and once', () => {
    expect(pins).toMatchObject([{ digest: first.digest, counts_from: first.claims.iat }]);
    expect(pinnedWith(pins, { enrolment: first }, at())).toBe(pins);
  });
});

describe('S42 another passkey for the same subject', () => {
  it('counts at once where the one before has signed its digest', () => {
    const now_pinned = pinnedWith(pins, { enrolment: second, handover }, at());
    expect(now_pinned).toMatchObject([{ ended_at: now }, { counts_from: second.claims.iat }]);
    expect(pinAt(now_pinned, second.digest, now)).toMatchObject({ credential_id: fresh.credential_id });
  });

  it('is refused within 72 hours otherwise, and counts then', () => {
    const witnessed_at = second.claims.iat + 2;
    const counts = witnessed_at + replacementWait_s;
    const given = { enrolment: second, witnessed_at };
    expect(codeOf(() => pinnedWith(pins, given, at()))).toBe('assertion_invalid');
    expect(codeOf(() => pinnedWith(pins, given, at(counts - 1)))).toBe('assertion_invalid');
    const later = pinnedWith(pins, given, at(counts));
    expect(later.map(({ counts_from, ended_at }) => [counts_from, ended_at])).toEqual([
      [first.claims.iat, counts],
      [counts, undefined],
    ]);
    expect(refusal(() => pinAt(later, second.digest, counts - 1)).code).toBe('assertion_invalid');
    expect(refusal(() => pinAt(later, first.digest, counts)).code).toBe('assertion_invalid');
    expect(pinAt(later, first.digest, counts - 1).digest).toBe(first.digest);
  });

  it('counts by no time that witnesses have not seen', () => {
    const years = at(now + hours(10_000));
    expect(codeOf(() => pinnedWith(pins, { enrolment: second }, years))).toBe('assertion_invalid');
    const early = { enrolment: second, witnessed_at: second.claims.iat - hours(100) };
    expect(codeOf(() => pinnedWith(pins, early, at()))).toBe('assertion_invalid');
  });

  it.each<[string, unknown]>([
    ['signed by itself', fresh.assert(second.digest)],
    ['signed over another digest', old.assert(first.digest)],
    ['signed without the person', old.assert(second.digest, { flags: 0x01 })],
    ['a word of the consumer service', 'yes'],
  ])('is refused with a handover %s', (_what, given) => {
    expect(codeOf(() => pinnedWith(pins, { enrolment: second, handover: given }, at()))).toBe(
      'assertion_invalid',
    );
  });

  it('is refused with a handover where it names another one as the one before', () => {
    const stray = enrolled(fresh, now - hours(1), enrolled(softPasskey('x'), now).digest);
    const given = { enrolment: stray, handover: old.assert(stray.digest) };
    expect(codeOf(() => pinnedWith(pins, given, at()))).toBe('assertion_invalid');
  });

  it('is refused where it is older than the pinned one, unless that one replaced it', () => {
    const alone = pinnedWith([], { enrolment: second }, at());
    const dated = enrolled(softPasskey('x'), now - hours(22));
    expect(codeOf(() => pinnedWith(alone, { enrolment: dated }, at()))).toBe('assertion_invalid');
    const both = pinnedWith(alone, { enrolment: first }, at());
    expect(both.map(({ digest }) => digest)).toEqual([first.digest, second.digest]);
    expect(codeOf(() => pinAt(both, first.digest, second.claims.iat))).toBe('assertion_invalid');
    expect(pinAt(both, first.digest, second.claims.iat - 1).digest).toBe(first.digest);
  });
});

describe('what a person signs in for', () => {
  const bound = { fed, subject_ref: subject, credential_id: old.credential_id, public_key: old.public_key };
  const content = enrolmentContent(bound);

  it('S40 is another digest with any other member', () => {
    const others = [
      { ...bound, fed: 'other' },
      { ...bound, credential_id: fresh.credential_id },
      { ...bound, public_key: fresh.public_key },
      { ...bound, subject_ref: subject.replace('A', 'B') },
      { ...bound, replaces: first.digest },
    ].map(enrolmentContent);
    expect(new Set([content, ...others]).size).toBe(6);
  });

  it('is in the statement, whatever else that says', () => {
    expect(enrolmentContent(first.claims)).toBe(content);
  });
});
