import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonRights, furtherRights } from './rights-of-both.ts';
import { additions, narrowed } from './directory-change.ts';
import { directoryWith, entryOf, federation, keyOf, memberKey, newKey, now } from './federation.fixture.ts';
import type { MemberEntry, MemberKey } from './member-entry.ts';

const pool = Array.from({ length: 8 }, (_, n) => newKey(`m${String(n)}`).jwk);
const [spare, other] = [newKey('spare').jwk, newKey('other').jwk];
const certificate = (n: number): string => n.toString(16).padStart(64, '0');

const passkeys = { rp_id: 'a.example', origins: ['https://a.example'] };

const staff = { issuer: 'https://idp.example', client_id: 'console', roles: ['auditor', 'publisher'] };

type Retired = NonNullable<MemberEntry['retired_ledger_keys']>;
const times = fc.record(
  { retired_at: fc.integer({ min: now, max: now + 9 }), revoked_at: fc.integer({ min: now, max: now + 9 }) },
  { requiredKeys: [] },
);
const uses = fc.uniqueArray(fc.constantFrom('inquiry', 'grant', 'ack', 'client-auth'), { minLength: 1 });
const keyArb = (n: number): fc.Arbitrary<MemberKey> =>
  fc
    .record({ use: uses, ends: times, from: fc.integer({ min: 10, max: 99 }) })
    .map(({ use, ends, from }) => ({
      ...memberKey(pool[n] ?? spare, use, ends),
      from,
    }));

const entries: fc.Arbitrary<MemberEntry> = fc
  .record({
    roles: fc.uniqueArray(fc.constantFrom('consumer', 'broker', 'bureau', 'lender'), { minLength: 1 }),
    status: fc.constantFrom('active', 'suspended'),
    keys: fc.tuple(...[0, 1, 2].map(keyArb)).chain((keys) => fc.subarray([...keys])),
    endpoints: fc.record(
      { public: fc.constant('http://a:1'), federation: fc.constant('https://a:2') },
      { requiredKeys: [] },
    ),
    certificates: fc.subarray([1, 2, 3].map(certificate)),
    trees: fc.record(
      {
        ledger_key: fc.constant(pool[4] ?? spare),
        witness_key: fc.constant(pool[5] ?? spare),
        passkeys: fc.constant(passkeys),
        staff: fc.subarray(staff.roles, { minLength: 1 }).map((roles) => ({ ...staff, roles })),
        retired_ledger_keys: fc.constant<Retired>([{ jwk: pool[6] ?? spare, retired_at: now }]),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ trees, ...change }) => entryOf('broker', { ...change, ...trees }));

/** A change of an entry; undefined where there is nothing that it could change. */
type Change = (entry: MemberEntry) => MemberEntry | undefined;

const without = <K extends keyof MemberEntry>(entry: MemberEntry, name: K): MemberEntry | undefined => {
  const { [name]: gone, ...rest } = entry;
  return gone === undefined ? undefined : (rest as MemberEntry);
};
const onFirstKey = (entry: MemberEntry, change: (key: MemberKey) => MemberKey[]): MemberEntry | undefined => {
  const [key, ...keys] = entry.keys;
  return key && { ...entry, keys: [...change(key), ...keys] };
};

const removals: Record<string, Change> = {
  'a role': (entry) => (entry.roles.length > 1 ? { ...entry, roles: entry.roles.slice(1) } : undefined),
  'the status': (entry) => ({ ...entry, status: 'suspended' }),
  'a key': (entry) => onFirstKey(entry, () => []),
  'a use': (entry) =>
    onFirstKey(entry, (key) => (key.use.length > 1 ? [{ ...key, use: key.use.slice(1) }] : [])),
  'a time before': (entry) => onFirstKey(entry, (key) => [{ ...key, from: key.from + 1 }]),
  'a time after': (entry) => onFirstKey(entry, (key) => [{ ...key, retired_at: now - 5 }]),
  'a key that is lost': (entry) => onFirstKey(entry, (key) => [{ ...key, revoked_at: now - 5 }]),
  'an endpoint': (entry) => ({ ...entry, endpoints: {} }),
  'a certificate': (entry) => ({ ...entry, certificates: entry.certificates.slice(1) }),
  'the key of its ledger': (entry) => without(entry, 'ledger_key'),
  'the keys that its ledger had': (entry) => without(entry, 'retired_ledger_keys'),
  'the key of its ledger from now on': (entry) => {
    const { ledger_key: jwk, retired_ledger_keys: retired = [], ...rest } = entry;
    return jwk && { ...rest, retired_ledger_keys: [...retired, { jwk, retired_at: now }] };
  },
  'the key that cosigns': (entry) => without(entry, 'witness_key'),
  'for whom passkeys sign': (entry) => without(entry, 'passkeys'),
  'its staff': (entry) => without(entry, 'staff'),
  'a role of its staff': (entry) =>
    entry.staff && entry.staff.roles.length > 1
      ? { ...entry, staff: { ...entry.staff, roles: entry.staff.roles.slice(1) } }
      : undefined,
};

const added: Record<string, Change> = {
  'a role': (entry) => ({ ...entry, roles: [...entry.roles, 'authority'] }),
  'an active status': (entry) => (entry.status === 'active' ? undefined : { ...entry, status: 'active' }),
  'a key': (entry) => ({ ...entry, keys: [memberKey(spare, ['ack']), ...entry.keys] }),
  'another key in its place': (entry) => onFirstKey(entry, (key) => [{ ...key, jwk: other }]),
  'a use': (entry) => onFirstKey(entry, (key) => [{ ...key, use: [...key.use, 'status'] }]),
  'an earlier start': (entry) => onFirstKey(entry, (key) => [{ ...key, from: key.from - 1 }]),
  'a later end': (entry) =>
    onFirstKey(entry, ({ revoked_at: _was, ...key }) => [{ ...key, revoked_at: now + 99 }]),
  'an end less': (entry) =>
    entry.keys[0]?.retired_at === undefined
      ? undefined
      : onFirstKey(entry, ({ retired_at: _was, ...key }) => [key]),
  'a certificate': (entry) => ({ ...entry, certificates: [certificate(9), ...entry.certificates] }),
  'another endpoint': (entry) => ({ ...entry, endpoints: { ...entry.endpoints, public: 'http://b:1' } }),
  'a key that its ledger had': (entry) => ({
    ...entry,
    retired_ledger_keys: [...(entry.retired_ledger_keys ?? []), { jwk: spare, retired_at: now }],
  }),
  'a key that its ledger had for longer': ({ retired_ledger_keys: retired, ...entry }) =>
    retired && {
      ...entry,
      retired_ledger_keys: retired.map((key) => ({ ...key, retired_at: key.retired_at + 1 })),
    },
  'another ledger key': (entry) => ({ ...entry, ledger_key: spare }),
  'another key that cosigns': (entry) => ({ ...entry, witness_key: spare }),
  'another origin of passkeys': (entry) => ({
    ...entry,
    passkeys: { ...passkeys, origins: [...passkeys.origins, 'https://evil.a.example'] },
  }),
  'a role more of its staff': (entry) => ({
    ...entry,
    staff: { ...staff, roles: [...(entry.staff?.roles ?? []), 'supervisor'] },
  }),
  'another provider of its staff': (entry) =>
    entry.staff && { ...entry, staff: { ...entry.staff, issuer: 'https://evil.example' } },
  'another client of its staff': (entry) =>
    entry.staff && { ...entry, staff: { ...entry.staff, client_id: 'other' } },
  'another class': (entry) => ({ ...entry, class: 'B' }),
  'another jurisdiction': (entry) => ({ ...entry, jurisdiction: 'CN-SH' }),
  'another name': (entry) => ({ ...entry, legal_name: 'Somebody Else' }),
};
/** The later end of a key that had none is the one that takes away. */
const applies = (name: string, entry: MemberEntry): boolean =>
  name !== 'a later end' || entry.keys[0]?.revoked_at !== undefined;

const takenAway = fc
  .tuple(entries, fc.array(fc.constantFrom(...Object.values(removals)), { maxLength: 5 }))
  .map(([entry, all]) => [entry, all.reduce((left, change) => change(left) ?? left, entry)] as const);

describe('what an entry says beyond another', () => {
  it('is nothing where nothing changed, and where something was taken away, whatever it was', () => {
    fc.assert(
      fc.property(takenAway, ([entry, less]) => {
        expect(furtherRights(entry, entry)).toEqual([]);
        expect(furtherRights(entry, less)).toEqual([]);
        expect(commonRights(entry, less)).toEqual(less);
      }),
    );
  });

  it.each(Object.entries(added))('S32 is %s, whatever the entry', (name, change) => {
    fc.assert(
      fc.property(takenAway, ([, entry]) => {
        const more = applies(name, entry) ? change(entry) : undefined;
        fc.pre(more !== undefined);
        expect(furtherRights(entry, more)).not.toEqual([]);
        expect(commonRights(entry, more)).not.toEqual(more);
      }),
    );
  });

  it('what both have adds nothing to either, in any order, and once is enough', () => {
    fc.assert(
      fc.property(entries, entries, entries, (a, b, c) => {
        const both = commonRights(a, b);
        if (both === undefined) return;
        expect(furtherRights(a, both)).toEqual([]);
        expect(commonRights(a, both)).toEqual(both);
        const all = commonRights(both, c) ?? both;
        expect(furtherRights(a, all)).toEqual([]);
      }),
    );
  });

  it('two that take away, one after the other, add nothing to the first', () => {
    fc.assert(
      fc.property(takenAway, fc.constantFrom(...Object.values(removals)), ([entry, less], change) => {
        expect(furtherRights(entry, change(less) ?? less)).toEqual([]);
      }),
    );
  });

  it('S32 is all of it for a member that is new, or comes back in another role', () => {
    const entry = entryOf('broker');
    expect(furtherRights(undefined, entry)).toEqual(Object.keys(entry));
    expect(commonRights(entry, { ...entry, roles: ['bureau'] })).toBeUndefined();
  });
});

describe('what a directory says beyond another', () => {
  const later = (change: MemberEntry[]) => directoryWith(change, 8, now - 10, federation).view;
  const { view } = federation;

  it('is nothing where it was only signed anew', () => {
    expect(additions(view, later([]))).toEqual([]);
  });

  it('is nothing where members are suspended, gone, or lose a key', () => {
    const less = later([entryOf('broker', { status: 'suspended' }), entryOf('central', { keys: [] })]);
    expect(additions(view, less)).toEqual([]);
    const gone = { ...less, member: () => undefined, evidence: { ...less.evidence, entries: [] } };
    expect(additions(view, gone)).toEqual([]);
  });

  it('S32 names the member and what it has more of', () => {
    const key = memberKey(spare, ['disclosure']);
    const { keys } = entryOf('central');
    const more = later([
      entryOf('broker', { status: 'suspended' }),
      entryOf('central', { keys: [...keys, key] }),
      entryOf('lotus', { id: 'newcomer', keys: [] }),
    ]);
    expect(additions(view, more)).toEqual([
      'central/keys',
      ...Object.keys(entryOf('lotus')).map((name) => `newcomer/${name}`),
    ]);
    expect(additions(later([entryOf('broker', { status: 'suspended' })]), view)).toEqual(['broker/status']);
  });

  it('S32 another policy, a further epoch, another current one or a further version is more', () => {
    const epoch = (name: string) => ({ epoch: name, canary: 'A'.repeat(43) });
    const references = { current: '1', epochs: [epoch('1')] };
    const held = { ...view, references };
    expect(additions(held, held)).toEqual([]);
    expect(additions(held, view)).toEqual([]);
    const policy = { ...view.policy, version: 'cn-2027.1' };
    expect(additions(held, { ...held, policy })).toEqual(['/policy']);
    const two = { current: '1', epochs: [epoch('1'), epoch('2')] };
    expect(additions(held, { ...held, references: two })).toEqual(['/references']);
    expect(additions({ ...held, references: two }, held)).toEqual([]);
    const moved = { ...two, current: '2' };
    expect(additions({ ...held, references: two }, { ...held, references: moved })).toEqual(['/references']);
    expect(additions(view, held)).toEqual(['/references']);
    expect(additions(held, { ...held, statementVersions: [1, 2] })).toEqual(['/statement_versions']);
  });
});

describe('what two directories have in common', () => {
  const { view } = federation;
  const offered = directoryWith(
    [
      entryOf('broker', { status: 'suspended', certificates: [certificate(1)] }),
      entryOf('central', { keys: [memberKey(spare, ['disclosure'])] }),
      entryOf('lotus', { id: 'newcomer', keys: [] }),
    ],
    8,
    now - 10,
    federation,
  );
  const common = narrowed(view, offered.view);

  it('is the held one without what the other takes away', () => {
    expect(common.member('broker')).toEqual(entryOf('broker', { status: 'suspended' }));
    expect(common.keys(keyOf('broker').kid)?.member_status).toBe('suspended');
    expect(common.keys(keyOf('central').kid)).toBeUndefined();
    expect(common.member('consumer')).toEqual(view.member('consumer'));
    expect(common.membersWith('bureau').map(({ id }) => id)).toEqual(['central', 'lotus']);
  });

  it('S32 has nothing that the other adds, and is not newer', () => {
    expect(common.member('newcomer')).toBeUndefined();
    expect(common.member('broker')?.certificates).toEqual([]);
    expect([common.version, common.expiresAtMs]).toEqual([view.version, view.expiresAtMs]);
    expect(common.evidence).toBe(view.evidence);
  });

  it('the root file’s keys are in it, whatever the members lose', () => {
    expect(common.keys(federation.directoryKey.kid)?.use).toEqual(['directory']);
  });

  it('is the held one where nothing is taken away', () => {
    const same = narrowed(view, view);
    for (const member of ['consumer', 'broker', 'central', 'lotus', 'abc-bank', 'evergreen']) {
      expect(same.member(member)).toEqual(view.member(member));
      expect(same.keys(keyOf(member).kid)).toEqual(view.keys(keyOf(member).kid));
    }
  });
});
