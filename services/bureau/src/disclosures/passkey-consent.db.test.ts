import { NATIONAL_POLICY } from '@causeway/policy';
import { sha256Digest } from '@causeway/protocol';
import type { Signed, UnsignedClaims } from '@causeway/protocol';
import { consentClaims, enrolmentClaims } from '@causeway/protocol/chain.fixture';
import { grown, ledgeredWith, nodeEntry } from '@causeway/protocol/evidence.fixture';
import { directoryWith, now, otherSubject, subject } from '@causeway/protocol/federation.fixture';
import { party, softPasskey } from '@causeway/protocol/passkey.fixture';
import type { SoftPasskey } from '@causeway/protocol/passkey.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { account, createWorld } from '../test-world.ts';

const hours = (n: number): number => n * 3600;
const withPasskeys = nodeEntry('consumer', {
  passkeys: { rp_id: party.rp_id, origins: [...party.origins] },
});
const old = softPasskey('old');
const fresh = softPasskey('fresh');
let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => {
  await world.reset();
  world.directory.current = ledgeredWith([withPasskeys], 7, now - 30).view;
  await world.store(subject, [account('a')]);
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

const seconds = (): number => Math.floor(world.clock.now() / 1000);

function enrolled(passkey: SoftPasskey, change: Partial<UnsignedClaims<'enrolment'>> = {}) {
  const { credential_id, public_key } = passkey;
  return world.signAs('consumer', 'enrolment', {
    ...{ ...enrolmentClaims, iat: now - hours(20), credential_id, public_key, ...change },
  });
}

interface Given {
  readonly passkey?: SoftPasskey;
  readonly enrolments?: readonly { statement: Signed<'enrolment'>; handover?: unknown; leaf?: string }[];
  readonly consent?: Partial<UnsignedClaims<'consent'>>;
  readonly inquiry?: Partial<UnsignedClaims<'inquiry'>>;
  readonly grant?: Partial<UnsignedClaims<'grant'>>;
}

/** A consent that a passkey has agreed to, an inquiry and a grant under it, and what travels with them. */
function given(change: Given = {}) {
  const { passkey = old, enrolments = [{ statement: enrolled(old) }] } = change;
  const last = enrolments.at(-1)?.statement.digest ?? sha256Digest('none');
  const valid = { iat: seconds(), valid_from: seconds(), valid_until: seconds() + 86_400 };
  const consent = world.signAs('consumer', 'consent', {
    ...{ ...consentClaims, ...valid, exp: valid.valid_until },
    ...{ strength: 'passkey', evidence_digest: last, ...change.consent },
  });
  const inquiry = world.inquiry({ consent: consent.digest, ...change.inquiry });
  const grant = world.grant(inquiry, { consent: consent.digest, strength: 'passkey', ...change.grant });
  const sent = enrolments.map(({ statement: { jws }, ...rest }) => ({ statement: jws, ...rest }));
  const proof = { enrolments: sent, assertion: passkey.assert(consent.digest) };
  return { inquiry, grant, consent: consent.jws, passkey: proof, digest: consent.digest };
}

type Item = Omit<ReturnType<typeof given>, 'digest'>;

const asked = async (item: Partial<Item> & Pick<Item, 'grant' | 'inquiry'>) => {
  const { consent, grant, inquiry, passkey } = item;
  const proof = { ...(consent === undefined ? {} : { consent }), ...(passkey && { passkey }) };
  const { results } = await world.ask([{ inquiry, grant, ...proof }]);
  return results[0] ?? {};
};

/** The code of the refusal, after which there is neither answer, leaf nor pin that was not there before. */
const refused = async (item: Parameters<typeof asked>[0]) => {
  const before = [await world.traces(), await world.count('enrolment_pin')];
  const { disclosure, error } = await asked(item);
  expect([await world.traces(), await world.count('enrolment_pin')]).toEqual(before);
  expect(disclosure).toBeUndefined();
  return error?.code;
};

describe('a consent that a passkey has signed', () => {
  it('is verified by the bureau itself, which pins the enrolment', async () => {
    const enrolments = [{ statement: enrolled(old) }];
    for (const _time of [1, 2]) {
      expect(await asked(given({ enrolments }))).toHaveProperty('disclosure');
      expect(await world.count('enrolment_pin')).toBe(1);
    }
  });

  it('is what the policy here may demand: the word of the consumer service is then not enough', async () => {
    const purposes = NATIONAL_POLICY.purposes.map((rule) => ({ ...rule, strength_min: 'passkey' as const }));
    const strict = await createWorld(database, { policy: { ...NATIONAL_POLICY, purposes } });
    strict.directory.current = world.directory.current;
    const { consent, grant, inquiry, passkey } = given();
    const other = world.inquiry();
    const { results } = await strict.ask([
      { inquiry, grant, consent, passkey },
      { inquiry: other, grant: world.grant(other) },
    ]);
    expect(results[0]).toHaveProperty('disclosure');
    expect(results[1]).toMatchObject({ code: 'not_authorised' });
    await strict.close();
  });
});

describe('S42 a grant that claims a passkey releases nothing', () => {
  let agreed: Signed<'enrolment'>;

  beforeEach(() => {
    agreed = enrolled(old);
  });

  it('without the consent, or without what a passkey has signed', async () => {
    const { consent, grant, inquiry, passkey } = given();
    expect(await refused({ grant, inquiry })).toBe('assertion_invalid');
    expect(await refused({ grant, inquiry, consent })).toBe('assertion_invalid');
    expect(await refused({ grant, inquiry, passkey })).toBe('assertion_invalid');
  });

  it('with an assertion over another consent, or by another passkey', async () => {
    const item = given();
    const other = given();
    expect(await refused({ ...item, passkey: other.passkey })).toBe('assertion_invalid');
    const stranger = { ...fresh.assert(item.digest), credential_id: old.credential_id };
    expect(await refused({ ...item, passkey: { ...item.passkey, assertion: stranger } })).toBe(
      'assertion_invalid',
    );
    const absent = old.assert(item.digest, { flags: 0x01 });
    expect(await refused({ ...item, passkey: { ...item.passkey, assertion: absent } })).toBe(
      'assertion_invalid',
    );
  });

  it('S40 by a consent that the consumer service signed otherwise than the passkey did', async () => {
    const { passkey } = given({ enrolments: [{ statement: agreed }] });
    const changes: NonNullable<Given['consent']>[] = [
      { max_uses: 1, recipient_retention: 'P99Y' },
      { categories: ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'INQUIRY'] },
      { purposes: ['LOAN_APPROVAL', 'CARD_APPROVAL'] },
      { bureaus: ['central', 'lotus', 'harbour'], aud: ['abc-bank', 'central', 'lotus', 'harbour'] },
      { valid_until: now + 9_000_000, exp: now + 9_000_000 },
      { fetch: 'periodic', max_uses: 100 },
      { form_digest: sha256Digest('another form') },
      { language: 'en' },
      { grantor: { role: 'attorney', mandate: sha256Digest('a mandate') } },
      { kind: 'conditional' },
      {},
    ];
    for (const consent of changes) {
      const { passkey: _own, ...forged } = given({ enrolments: [{ statement: agreed }], consent });
      expect([consent, await refused({ ...forged, passkey })]).toEqual([consent, 'assertion_invalid']);
    }
  });

  it('with the enrolment of another subject, or none that the consent cites', async () => {
    const stray = enrolled(old, { subject_ref: otherSubject });
    expect(await refused(given({ enrolments: [{ statement: stray }] }))).toBe('link_mismatch');
    const item = given({ consent: { evidence_digest: sha256Digest('another') } });
    expect(await refused(item)).toBe('assertion_invalid');
  });

  it('where the directory lists no passkeys for its issuer', async () => {
    const item = given();
    world.directory.current = directoryWith().view;
    expect(await refused(item)).toBe('assertion_invalid');
  });

  const lesser: readonly (readonly [string, Given])[] = [
    ['of idp strength', { consent: { strength: 'idp' } }],
    ['for another lender', { consent: { grantee: 'evergreen', aud: ['evergreen', 'central', 'lotus'] } }],
    ['for another subject', { consent: { subject_ref: otherSubject } }],
    ['to provide, which lets nobody ask', { consent: { kind: 'provide', purposes: [] } }],
    ['for another purpose', { consent: { purposes: ['CARD_APPROVAL'] } }],
    ['for fewer categories', { consent: { categories: ['INQUIRY'] } }],
    ['for one use, at the second', { grant: { use: 2 } }],
    ['that has not begun', { consent: { valid_from: now + 60 } }],
    ['cited by the inquiry alone', { grant: { consent: sha256Digest('another') } }],
  ];
  it('under a consent that says less than is granted', async () => {
    for (const [what, change] of lesser)
      expect([what, await refused(given(change))]).toEqual([what, 'link_mismatch']);
  });

  it('under a consent that does not name this bureau, or has expired', async () => {
    const elsewhere = { bureaus: ['lotus'], aud: ['abc-bank', 'lotus'] };
    expect(await refused(given({ consent: elsewhere }))).toBe('audience_mismatch');
    const over = { valid_from: now - 10, valid_until: now, exp: now, iat: now - 10 };
    expect(await refused(given({ consent: over }))).toBe('expired');
  });
});

describe('S41 another passkey for a subject whose passkey is pinned', () => {
  const first = () => enrolled(old);
  const next = (iat = seconds() - hours(1)) => enrolled(fresh, { iat, replaces: pinnedFirst.digest });
  let pinnedFirst: Signed<'enrolment'>;

  beforeEach(async () => {
    pinnedFirst = first();
    const { disclosure } = await asked(given({ enrolments: [{ statement: pinnedFirst }] }));
    if (disclosure === undefined) throw new Error('the first passkey is not pinned');
  });

  it('counts with the signature of the one before, and that one signs no more', async () => {
    const statement = next();
    const chain = [{ statement: pinnedFirst }, { statement, handover: old.assert(statement.digest) }];
    expect(await asked(given({ passkey: fresh, enrolments: chain }))).toHaveProperty('disclosure');
    expect(await world.count('enrolment_pin')).toBe(2);
    expect(await refused(given({ enrolments: [{ statement: pinnedFirst }] }))).toBe('assertion_invalid');
  });

  it('is refused for 72 hours after witnesses saw it otherwise, and counts then', async () => {
    const statement = next();
    const seen = [
      ['broker', now],
      ['lotus', now + 2],
      ['authority', now + 1],
    ] as const;
    const { proof } = grown('consumer', [statement.digest], 0, seen);
    const of = (leaf: string) => [{ statement: pinnedFirst }, { statement, leaf }];
    const chain = of(proof);
    expect(await refused(given({ passkey: fresh, enrolments: chain }))).toBe('assertion_invalid');
    world.clock.advance(hours(72) * 1000);
    expect(await refused(given({ passkey: fresh, enrolments: chain }))).toBe('assertion_invalid');
    const none = grown('consumer', [statement.digest], 0, [['broker', now - hours(100)]]);
    expect(await refused(given({ passkey: fresh, enrolments: of(none.proof) }))).toBe('assertion_invalid');
    const stray = grown('consumer', [pinnedFirst.digest], 0, seen);
    expect(await refused(given({ passkey: fresh, enrolments: of(stray.proof) }))).toBe('assertion_invalid');
    world.clock.advance(1000);
    expect(await asked(given({ passkey: fresh, enrolments: chain }))).toHaveProperty('disclosure');
  });

  it('is refused with a signature by itself, and where it replaces another one', async () => {
    const statement = next();
    const handover = fresh.assert(statement.digest);
    const chain = [{ statement: pinnedFirst }, { statement, handover }];
    expect(await refused(given({ passkey: fresh, enrolments: chain }))).toBe('assertion_invalid');
    const unrelated = enrolled(fresh, { iat: seconds() });
    const alone = [{ statement: unrelated, handover: old.assert(unrelated.digest) }];
    expect(await refused(given({ passkey: fresh, enrolments: alone }))).toBe('assertion_invalid');
  });

  it('leaves what the one before had signed as it was', async () => {
    const earlier = given({ enrolments: [{ statement: pinnedFirst }] });
    world.clock.advance(1000);
    const statement = next();
    const chain = [{ statement: pinnedFirst }, { statement, handover: old.assert(statement.digest) }];
    expect(await asked(given({ passkey: fresh, enrolments: chain }))).toHaveProperty('disclosure');
    expect(await asked(earlier)).toHaveProperty('disclosure');
  });

  it('is never two at once: of many first ones one is the first', async () => {
    await world.reset();
    world.directory.current = ledgeredWith([withPasskeys], 7, now - 30).view;
    await world.store(subject, [account('a')]);
    const keys = Array.from({ length: 8 }, (_, n) => softPasskey(`rival ${String(n)}`));
    const items = keys.map((passkey) => given({ passkey, enrolments: [{ statement: enrolled(passkey) }] }));
    const answers = await Promise.all(items.map(asked));
    expect(answers.filter(({ disclosure }) => disclosure !== undefined)).toHaveLength(1);
    expect(await world.count('enrolment_pin')).toBe(1);
  });
});
