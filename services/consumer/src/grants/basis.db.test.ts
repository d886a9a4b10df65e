import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import {
  readUnverified,
  sha256Digest,
  verify,
  type Digest,
  type Grant,
  type Refusal,
  type UnsignedClaims,
} from '@causeway/protocol';
import { gb11643CheckDigit } from '@causeway/records/identifiers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listAccesses } from '../accesses/service.ts';
import { actOnConsent } from '../consents/stop-consent.ts';
import { freeze } from '../freezes/service.ts';
import { linkIdentity, requestLink } from '../identities/link.ts';
import { openSession, subjectOfSession } from '../sessions/service.ts';
import { added, refusalOnly } from '../test-rows.ts';
import { authorityEntry, officers, warrantOf } from '../test-warrants.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import type { Decided } from './decide.ts';

let database: TestDatabase;
let world: World;
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  const first17 = `99000019770707${String((persons += 1)).padStart(3, '0')}`;
  person = { scheme: 'gb11643', value: first17 + gb11643CheckDigit(first17) };
  ref = await refOf(person);
  world.nodes.reset();
  world.directory.entries.set('authority', authorityEntry());
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

type Basis = 'POST_LOAN' | 'COLLECTION' | 'JUDICIAL' | 'SUPERVISION';
const terms = { fetch: 'periodic' as const, max_uses: 9, bureaus: ['central', 'lotus'] };

const redeem = async (jws: string, nodes?: string[]): Promise<Decided> =>
  await world.redemptions.redeem({ inquiry: jws, ...(nodes ? { nodes } : {}) }, 'broker');

/** An inquiry that was granted under a consent of its own. */
async function consented(change: Parameters<World['consentOf']>[1] = {}, lender = 'abc-bank') {
  const consent = await world.consentOf(person, { ...terms, ...change }, lender);
  const inquiry = world.inquiry({ subject_ref: ref, consent: consent.digest }, lender);
  expect(await redeem(inquiry.jws)).toMatchObject({ use: 1 });
  return { consent, inquiry: inquiry.digest };
}

const onBasis = (
  purpose: Basis,
  cited: Digest,
  change: Partial<UnsignedClaims<'inquiry'>> = {},
  asker = 'abc-bank',
) => world.inquiry({ subject_ref: ref, purpose, basis: { code: purpose, cited }, ...change }, asker).jws;

function grantsOf(decided: Decided): Grant[] {
  if (!('grants' in decided)) throw new Error(decided.code);
  return decided.grants.map((jws) => readUnverified(jws).claims as Grant);
}

describe('post-loan management and collection', () => {
  test.each(['POST_LOAN', 'COLLECTION'] as const)(
    '%s reaches the bureaus of the cited consent, and spends no use of it',
    async (purpose) => {
      const { consent, inquiry } = await consented();
      let decided: Decided | undefined;
      const adds = await added(world, async () => (decided = await redeem(onBasis(purpose, inquiry))));
      expect(adds).toEqual({ basis_use: 1, grant_holder: 3, access: 1, leaf_staging: 3 });
      const grants = grantsOf(decided ?? { code: '', refusal: '' });
      expect(grants.map(({ aud }) => aud)).toEqual(['central', 'lotus', 'broker']);
      for (const grant of grants) {
        expect(grant).toMatchObject({ basis: purpose, use: 1, categories: ['ACCOUNT_SUMMARY'] });
        expect(grant).not.toHaveProperty('consent');
        expect(grant.obligations).toContain('own.open_account');
        expect(grant.obligations.includes('own.accounts_only')).toBe(purpose === 'COLLECTION');
      }
      expect(decided).not.toHaveProperty('consent');
      const left = await redeem(world.inquiry({ subject_ref: ref, consent: consent.digest }).jws);
      expect(left).toMatchObject({ use: 2 });
    },
  );

  test('a consent that names the purpose binds nobody to the own account', async () => {
    const { inquiry } = await consented({ purposes: ['LOAN_APPROVAL', 'POST_LOAN'] });
    const [grant] = grantsOf(await redeem(onBasis('POST_LOAN', inquiry)));
    expect(grant?.obligations).not.toContain('own.open_account');
  });

  test('S38 each inquiry has one use, numbered for what it cites; again it is renewed', async () => {
    const { inquiry } = await consented();
    const all = Array.from({ length: 12 }, () => onBasis('POST_LOAN', inquiry));
    const replica = world.replica();
    const both = all.map(async (jws, at) =>
      at % 2 ? await redeem(jws) : await replica.redemptions.redeem({ inquiry: jws }, 'broker'),
    );
    const uses = (await Promise.all(both)).map((decided) => grantsOf(decided)[0]?.use ?? 0);
    expect(uses.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    const renewed = await added(world, async () => {
      expect(grantsOf(await redeem(all[0] ?? '', ['lotus']))).toMatchObject([{ use: uses[0], aud: 'lotus' }]);
    });
    expect(renewed).toEqual({ leaf_staging: 1 });
    await replica.close();
  });

  test('the subject’s line names purpose and asker; a later revocation does not undo the loan', async () => {
    const { consent, inquiry } = await consented();
    await actOnConsent(world.consumer, { action: 'revoke', id: consent.id }, { subjectRef: ref });
    await redeem(onBasis('POST_LOAN', inquiry));
    const { items } = await listAccesses(world.consumer, [ref], undefined);
    expect(items[0]).toMatchObject({ purpose: 'POST_LOAN', lender: 'abc-bank', outcome: 'granted' });
  });
});

describe('S16 nobody helps itself without consent', () => {
  async function refused(make: () => string | Promise<string>): Promise<Refusal> {
    let decided: Decided | undefined;
    const jws = await make();
    expect(await added(world, async () => (decided = await redeem(jws)))).toEqual(refusalOnly);
    if (!decided || 'grants' in decided) throw new Error('granted');
    const { keys } = world.consumer.directory();
    const context = { keys, fed: 'test', nowMs: world.clock.now(), audience: 'any' } as const;
    return verify('refusal', decided.refusal, { ...context, received: 'first' }).claims;
  }

  /** What a refusal says beside what is fresh in each. */
  const shape = ({ code, policy_version, rules }: Refusal) => ({ code, policy_version, rules });

  test.each(['POST_LOAN', 'COLLECTION'] as const)(
    '%s that cites anything else is refused as one that cites nothing',
    async (purpose) => {
      const { consent, inquiry } = await consented();
      const theirs = await consented({}, 'evergreen');
      const stranger = { scheme: 'passport', value: `UTOZ${String(persons).padStart(8, '0')}` };
      const strangerRef = await refOf(stranger);
      const unspent = world.inquiry({ subject_ref: ref, consent: consent.digest }).digest;
      const revoked = world.inquiry({ subject_ref: ref, consent: sha256Digest('none') });
      await redeem(revoked.jws);
      const cases: Record<string, string> = {
        'its own consent': onBasis(purpose, consent.digest),
        'another member’s consent': onBasis(purpose, theirs.consent.digest),
        'another member’s inquiry': onBasis(purpose, theirs.inquiry),
        'this inquiry, by another member': onBasis(purpose, inquiry, {}, 'evergreen'),
        'an inquiry that was never granted': onBasis(purpose, unspent),
        'an inquiry that was refused': onBasis(purpose, revoked.digest),
        'an inquiry on another subject': onBasis(purpose, inquiry, { subject_ref: strangerRef }),
        'an inquiry on a basis': onBasis(purpose, await granted(purpose, inquiry)),
      };
      const nothing = shape(await refused(() => onBasis(purpose, sha256Digest('nothing'))));
      expect(nothing).toMatchObject({ code: 'not_authorised', rules: ['gate.basis.cited'] });
      for (const [what, jws] of Object.entries(cases)) {
        expect([what, shape(await refused(() => jws))]).toEqual([what, nothing]);
      }
    },
  );

  /** An inquiry on a basis is granted, but cannot be cited in its turn. */
  async function granted(purpose: Basis, inquiry: Digest): Promise<Digest> {
    const first = world.inquiry({ subject_ref: ref, purpose, basis: { code: purpose, cited: inquiry } });
    await redeem(first.jws);
    return first.digest;
  }

  test('a freeze on one reference of a person, an inquiry on another of theirs', async () => {
    const passport = { scheme: 'passport', value: `UTOF${String(persons).padStart(8, '0')}` };
    const id = '0199aaaa-0000-7000-8000-00000000000a';
    const { inquiry } = await consented();
    await requestLink(world.consumer, await world.idToken({ identity: person, nonce: `link:${id}` }));
    const token = await world.idToken({ identity: passport, nonce: `link:${id}` });
    await linkIdentity(world.consumer, ref, token);
    await freeze(world.consumer, { subjectRef: await refOf(passport) });
    for (const purpose of ['POST_LOAN', 'COLLECTION'] as const) {
      expect(await refused(() => onBasis(purpose, inquiry))).toMatchObject({ code: 'subject_frozen' });
      const foreign = await refused(() => onBasis(purpose, inquiry, {}, 'evergreen'));
      expect(foreign).toMatchObject({ code: 'not_authorised' });
    }
  });

  test('a purpose that takes no basis, a basis not in force, and a court’s purpose', async () => {
    const { inquiry } = await consented();
    const loan = world.inquiry({
      ...{ subject_ref: ref, purpose: 'LOAN_APPROVAL', basis: { code: 'POST_LOAN', cited: inquiry } },
    });
    expect(await refused(() => loan.jws)).toMatchObject({ code: 'purpose_not_permitted' });
    const warrant = warrantOf(world, { subject_ref: ref });
    const court = await refused(() => onBasis('JUDICIAL', warrant.digest));
    expect(court).toMatchObject({ code: 'role_not_permitted' });
  });
});

describe('under a warrant', () => {
  const court = (digest: Digest, change: Partial<UnsignedClaims<'inquiry'>> = {}) =>
    onBasis('JUDICIAL', digest, change, 'authority');

  test('the named bureaus answer, also about somebody whom nobody has met, and while frozen', async () => {
    await freeze(world.consumer, { subjectRef: ref });
    const { digest } = warrantOf(world, { subject_ref: ref });
    const grants = grantsOf(await redeem(court(digest)));
    expect(grants.map(({ aud, basis }) => [aud, basis])).toEqual([
      ['harbour', 'JUDICIAL'],
      ['broker', 'JUDICIAL'],
    ]);
    expect(grantsOf(await redeem(onBasis('SUPERVISION', supervision(), {}, 'authority')))).toHaveLength(2);
  });

  const supervision = () => warrantOf(world, { subject_ref: ref, purpose: 'SUPERVISION' }).digest;

  test('whoever is met first afterwards finds the lines when they sign in', async () => {
    await redeem(onBasis('SUPERVISION', supervision(), {}, 'authority'));
    const nonce = 'session:00000000-0000-0000-0000-0000000000aa';
    const token = await world.idToken({ identity: person, nonce, jti: Math.random() });
    const { session } = await openSession(world.consumer, token);
    const mine = await subjectOfSession(world.consumer, {
      method: 'GET',
      headers: { authorization: `Bearer ${session}` },
    });
    expect((await listAccesses(world.consumer, [mine], undefined)).items).toMatchObject([
      { purpose: 'SUPERVISION', lender: 'authority', outcome: 'granted', bureaus: ['harbour'] },
    ]);
  });

  test.each<[string, () => string]>([
    ['that does not exist', () => court(sha256Digest('no warrant'))],
    ['of one officer', () => court(warrantOf(world, { subject_ref: ref }, [officers[0]]).digest)],
    ['of one officer twice', () => court(warrantOf(world, { subject_ref: ref }, twice()).digest)],
    [
      'of an officer whom the directory does not list',
      () => court(warrantOf(world, { subject_ref: ref }, [officers[0], officers[2]]).digest),
    ],
    ['of another federation', () => court(warrantOf(world, { subject_ref: ref, fed: 'other' }).digest)],
    ['that is another act', () => court(warrantOf(world, { subject_ref: ref, act: 'suspend' }).digest)],
    ['on another subject', () => court(warrantOf(world, { subject_ref: otherRef }).digest)],
    ['for another purpose', () => court(supervision())],
    [
      'for one category less',
      () =>
        court(warrantOf(world, { subject_ref: ref }).digest, {
          categories: ['ACCOUNT_SUMMARY', 'PUBLIC_RECORD'],
        }),
    ],
    ['that has ended', () => court(warrantOf(world, { subject_ref: ref, ...past() }).digest)],
    ['that has not begun', () => court(warrantOf(world, { subject_ref: ref, ...future() }).digest)],
  ])('S16 a warrant %s authorises nothing', async (_what, make) => {
    let decided: Decided | undefined;
    expect(await added(world, async () => (decided = await redeem(make())))).toEqual(refusalOnly);
    expect(decided).toMatchObject({ code: 'not_authorised' });
  });

  const twice = () => [officers[0], officers[0]];
  const otherRef = `s1.1.${'A'.repeat(43)}`;
  const nowS = () => Math.floor(world.clock.now() / 1000);
  const past = () => ({ valid_from: nowS() - 100, valid_until: nowS() });
  const future = () => ({ valid_from: nowS() + 1, valid_until: nowS() + 100 });

  test('S11 an officer whose key was revoked since signs nothing any more', async () => {
    const { digest } = warrantOf(world, { subject_ref: ref });
    world.directory.entries.set('authority', authorityEntry({ revoked_at: nowS() }));
    expect(await redeem(court(digest))).toMatchObject({ code: 'not_authorised' });
    world.directory.entries.set('authority', authorityEntry({ retired_at: nowS() + 1 }));
    expect(await redeem(court(digest))).toHaveProperty('grants');
  });

  test('S16 a lender cannot use one, and the authority nothing but one', async () => {
    const { digest } = warrantOf(world, { subject_ref: ref });
    expect(await redeem(onBasis('JUDICIAL', digest))).toMatchObject({ code: 'role_not_permitted' });
    const { consent } = await consented();
    const { jws } = world.inquiry({ subject_ref: ref, consent: consent.digest }, 'authority');
    expect(await redeem(jws)).toMatchObject({ code: 'role_not_permitted' });
  });

  test('where the authority cannot be asked nothing is decided', async () => {
    const { digest } = warrantOf(world, { subject_ref: ref });
    const jws = court(digest);
    const away = world.replica({
      warrants: async () => {
        throw new Error('away');
      },
    });
    const adds = await added(world, async () => {
      await expect(away.redemptions.redeem({ inquiry: jws }, 'broker')).rejects.toThrow('away');
    });
    expect(adds).toEqual({});
    expect(await redeem(jws)).toHaveProperty('grants');
    await away.close();
  });
});
