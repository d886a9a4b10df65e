import { describe, expect, it } from 'vitest';
import {
  chain,
  consentClaims,
  disclosureClaims,
  grantClaims,
  inquiryClaims,
  reportClaims,
} from './chain.fixture.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import { verifyBundle } from './evidence.ts';
import { bundle, ledgered, ledgeredWith, nodeEntry, seenByAll } from './evidence.fixture.ts';
import type { LeafedStatement } from './evidence-statements.ts';
import {
  clockAt,
  entryOf,
  fed,
  keyOf,
  memberKey,
  newKey,
  now,
  randomFrom,
  signAs,
  type TestDirectory,
} from './federation.fixture.ts';
import type { SigningKey } from './keys.ts';
import type { MemberEntry, MemberKey } from './member-entry.ts';
import { refusal } from './refusal.fixture.ts';
import { rootFingerprint } from './root.ts';
import { sign } from './sign.ts';
import { statementUses, type Role } from './statement-types.ts';

const roles = { consumer: 'consumer', broker: 'broker', central: 'bureau', lotus: 'bureau' } as const;
const keyWith = (member: string, role: Role, times: Partial<MemberKey>) => [
  memberKey(keyOf(member).jwk, statementUses([role]), times),
];
/** A node's entry whose statement key has these times. */
const node = (member: keyof typeof roles, times: Partial<MemberKey>, change: Partial<MemberEntry> = {}) =>
  nodeEntry(member, { keys: keyWith(member, roles[member], times), ...change });

/** The directory `after` seconds from now, under the root of the others. */
const later = (after: number, change: readonly MemberEntry[] = [], version = 9): TestDirectory =>
  ledgeredWith(change, version, now + after, ledgered);

const under = (...directories: readonly TestDirectory[]): Partial<EvidenceBundle> => ({
  heads: directories.map(({ head }) => head.jws),
  entries: [...new Set(directories.flatMap(({ texts }) => texts))],
});

/** What is witnessed as usual, but statements of one type, from another time on. */
const seenLate =
  (type: LeafedStatement['type'], from: number) =>
  ({ ledger, ...statement }: LeafedStatement) =>
    seenByAll(ledger, statement.type === type ? from : now + 3);

/** The statements of one inquiry again, with the consent by this key. */
function chainUnder(key: SigningKey): Partial<EvidenceBundle> {
  const consent = sign('consent', consentClaims, { key, fed, clock: clockAt(now), random: randomFrom(3) });
  const inquiry = signAs('abc-bank', 'inquiry', { ...inquiryClaims, consent: consent.digest });
  const cited = { inquiry: inquiry.digest };
  const grant = signAs('consumer', 'grant', { ...grantClaims, ...cited, consent: consent.digest });
  const answer = { ...disclosureClaims, ...cited, grant: grant.digest };
  const disclosure = signAs('central', 'disclosure', answer);
  const manifest = reportClaims.manifest
    .slice(0, 1)
    .map((row) => ({ ...row, disclosure: disclosure.digest }));
  return {
    consent: consent.jws,
    inquiry: inquiry.jws,
    grants: [grant.jws],
    disclosures: [disclosure.jws],
    report: signAs('broker', 'report', { ...reportClaims, ...cited, manifest }).jws,
  };
}

const judged = (...made: Parameters<typeof bundle>) =>
  refusal(() => verifyBundle(bundle(...made), { anchor: ledgered.anchor }));
const codeFor = (...made: Parameters<typeof bundle>) => judged(...made).code;

describe('S11 S53 a signature counts if its key was valid when witnesses first saw its leaf', () => {
  it('S11 after a rotation: the consent of a month ago is by a key that was retired since', () => {
    const old = newKey('consumer');
    const retired = memberKey(old.jwk, ['consent'], { from: 0, retired_at: now - 60 });
    const keys = [retired, ...keyWith('consumer', 'consumer', { from: now - 120 })];
    const rotated = under(ledgeredWith([nodeEntry('consumer', { keys })], 7, now - 30, ledgered));
    const made = { ...rotated, ...chainUnder(old) };
    expect(codeFor(made, seenLate('consent', now - 2_592_000))).toBe('accepted');
    expect(codeFor(made, seenLate('consent', now - 62))).toBe('accepted');
    expect(codeFor(made, seenLate('consent', now - 61))).toBe('key_retired');
    expect(codeFor(made)).toBe('key_retired');
  });

  it('S11 after every member’s key was retired, and after members were suspended', () => {
    const nodes = (['consumer', 'broker', 'central', 'lotus'] as const).map((member) =>
      node(member, { retired_at: now + 100 }),
    );
    const lender = { ...entryOf('abc-bank'), keys: keyWith('abc-bank', 'lender', { revoked_at: now + 100 }) };
    expect(codeFor(under(later(200, [...nodes, lender])))).toBe('accepted');
    const suspended = later(200, [nodeEntry('central', { status: 'suspended' })]);
    expect(codeFor(under(ledgered, suspended))).toBe('accepted');
    expect(codeFor(under(suspended))).toBe('member_suspended');
  });

  it('S11 after every head has long expired: no clock is asked', () => {
    const old = ledgeredWith([], 7, now - 590);
    const made = bundle({ ...under(old), roots: [old.rootFile] });
    expect(verifyBundle(made, { anchor: rootFingerprint(old.rootFile) }).verdict).toBe('verified');
  });

  it('S11 from the start of the key on, whatever the statement says of its own time', () => {
    expect(codeFor(under(ledgeredWith([node('central', { from: now + 4 })], 7, now - 30, ledgered)))).toBe(
      'accepted',
    );
    expect(codeFor(under(ledgeredWith([node('central', { from: now + 60 })], 7, now - 30, ledgered)))).toBe(
      'key_not_yet_valid',
    );
  });

  it('S11 by the newest directory of then, where the bundle has several', () => {
    const suspended = ledgeredWith([nodeEntry('lotus', { status: 'suspended' })], 8, now - 5, ledgered);
    expect(codeFor(under(ledgered, suspended))).toBe('member_suspended');
    const young = later(60, [node('lotus', { from: now - 5 })]);
    const without = ledgeredWith([nodeEntry('lotus', { keys: [] })], 7, now - 30, ledgered);
    expect(codeFor(under(without))).toBe('key_unknown');
    expect(codeFor(under(without, young))).toBe('accepted');
  });
});

describe('S11 S53 a statement that a thief has dated back', () => {
  const seen = seenLate('disclosure', now + 2000);
  const stolen = { retired_at: now + 1000 };

  it.each([
    ['retired', { retired_at: now + 1000 }, 'key_retired'],
    ['revoked', { revoked_at: now + 1000 }, 'key_revoked'],
    ['retired in the very second', { retired_at: now + 2001 }, 'key_retired'],
  ])('S11 is refused where its leaf was witnessed after the key was %s', (_what, times, code) => {
    const directories = [ledgered, later(1500, [node('central', times)])];
    expect(codeFor(under(...directories), seen)).toBe(code);
  });

  it('S11 counts where its leaf was witnessed a second before', () => {
    const directories = [ledgered, later(1500, [node('central', { retired_at: now + 2002 })])];
    expect(codeFor(under(...directories), seen)).toBe('accepted');
  });

  it('S11 is refused under the directory of before alone, which had expired when it was witnessed', () => {
    expect(judged(under(ledgered), seen)).toMatchObject({ code: 'evidence_invalid', pointer: '/heads' });
  });

  it('S11 is refused though the directory of then did not know yet, where a later one here does', () => {
    const directories = [ledgered, later(1500), later(2500, [node('central', stolen)], 10)];
    expect(codeFor(under(...directories), seen)).toBe('key_retired');
    expect(codeFor(under(...directories.slice(0, 2)), seen)).toBe('accepted');
  });

  it('S11 is never fully verified without its leaf', () => {
    const made = bundle();
    const { digest } = chain.disclosure;
    const kept = made.leaves.filter((leaf) => leaf.digest !== digest);
    const used = [...new Set(kept.map(({ checkpoint }) => checkpoint))];
    const leaves = kept.map((leaf) => ({ ...leaf, checkpoint: used.indexOf(leaf.checkpoint) }));
    const checkpoints = used.map((at) => made.checkpoints[at] ?? '');
    const { verdict } = verifyBundle({ ...made, checkpoints, leaves }, { anchor: ledgered.anchor });
    expect(verdict).toBe('unproven');
  });
});

describe('S52 the keys of witnesses', () => {
  const anew = (after: number) => later(after, [nodeEntry('consumer', {}, 2)]);
  const seenBy =
    (key: number, from: number) =>
    ({ ledger }: LeafedStatement) =>
      seenByAll(ledger, from).map(([member, at]) => [member, at, member === 'consumer' ? key : 1] as const);

  it('S52 are those of the directory of the witness time', () => {
    expect(codeFor(under(ledgered, anew(60)), seenBy(1, now + 3))).toBe('accepted');
    expect(codeFor(under(ledgered, anew(60)), seenBy(2, now + 60))).toBe('accepted');
  });

  it('S52 are not those of before or after', () => {
    expect(codeFor(under(ledgered, anew(60)), seenBy(2, now + 3))).toBe('evidence_invalid');
    expect(codeFor(under(ledgered, anew(60)), seenBy(1, now + 60))).toBe('evidence_invalid');
    expect(codeFor(under(anew(60)), seenBy(1, now + 3))).toBe('evidence_invalid');
  });
});
