import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { uuidv7 } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { gb11643CheckDigit } from '@causeway/records/identifiers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listAccesses } from '../accesses/service.ts';
import { listRequests } from '../consent-requests/service.ts';
import { approve } from '../consents/approve.ts';
import { listConsents } from '../consents/list.ts';
import { actOnConsent } from '../consents/stop-consent.ts';
import { freeze, listFreezes, thaw } from '../freezes/service.ts';
import { actorByToken } from '../subjects/actor.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import { added } from '../test-rows.ts';
import { ask, createWorld, refOf, type World } from '../test-world.ts';
import { linkIdentity, listIdentities, requestLink } from './link.ts';

interface Identity {
  readonly scheme: string;
  readonly value: string;
}

let database: TestDatabase;
let world: World;
/** A person with a resident number and a passport, new for each test. */
let resident: Identity;
let passport: Identity;
let residentRef: string;
let passportRef: string;
let persons = 0;

/** The n-th resident number of nobody. */
function numberOf(n: number): string {
  const first17 = `99000019880808${String(n).padStart(3, '0')}`;
  return first17 + gb11643CheckDigit(first17);
}

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
beforeEach(async () => {
  world.nodes.reset();
  persons += 1;
  resident = { scheme: 'gb11643', value: numberOf(persons) };
  passport = { scheme: 'passport', value: `UTOE${String(persons).padStart(8, '0')}` };
  [residentRef, passportRef] = [await refOf(resident), await refOf(passport)];
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const linkToken = async (identity: Identity, id: string, more: object = {}) =>
  await world.idToken({ identity, nonce: `link:${id}`, jti: Math.random(), ...more });
const newId = () => uuidv7(world.clock, world.consumer.random);

/** Both sign in for one link: the first by its own session, the other by its token. */
async function link(first: Identity, other: Identity) {
  const id = newId();
  await requestLink(world.consumer, await linkToken(first, id));
  return await linkIdentity(world.consumer, await refOf(first), await linkToken(other, id));
}

const terms = { fetch: 'periodic', max_uses: 9 } as const;
const redeem = async (ref: string, consent: string) => {
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never });
  return await world.redemptions.redeem({ inquiry: jws }, 'broker');
};

describe('two identities of one person', () => {
  test('are one subject: consents, requests and history of both, under either', async () => {
    const [one, two] = [await world.consentOf(resident, terms), await world.consentOf(passport, terms)];
    await redeem(residentRef, one.digest);
    await redeem(passportRef, two.digest);
    await ask(world.consumer, passportRef);
    expect((await link(resident, passport)).identities.map(({ scheme }) => scheme).toSorted()).toEqual([
      ...['gb11643', 'passport'],
    ]);
    for (const ref of [residentRef, passportRef]) {
      const refs = await refsOf(world.consumer.db, ref);
      expect(new Set(refs)).toEqual(new Set([residentRef, passportRef]));
      const consents = (await listConsents(world.consumer, refs, undefined)).items.map(({ id }) => id);
      expect(new Set(consents)).toEqual(new Set([one.id, two.id]));
      expect((await listAccesses(world.consumer, refs, undefined)).items).toHaveLength(2);
      expect((await listRequests(world.consumer, refs)).items).toHaveLength(1);
    }
    expect((await listIdentities(world.consumer, [passportRef])).identities).toHaveLength(2);
  });

  test('S16 a freeze by one stops inquiries on the other, through one barrier', async () => {
    const { digest } = await world.consentOf(passport, terms);
    await redeem(passportRef, digest);
    await link(resident, passport);
    const frozen = await freeze(world.consumer, { subjectRef: residentRef });
    expect(frozen.waiting).toEqual([]);
    expect(world.nodes.taken('lotus')).toMatchObject([{ action: 'freeze' }]);
    expect(new Set(world.nodes.taken('lotus')[0]?.subject_refs)).toEqual(new Set([residentRef, passportRef]));
    expect(await redeem(passportRef, digest)).toMatchObject({ code: 'subject_frozen' });
    const later = await world.consentOf(passport, terms);
    expect(await redeem(passportRef, later.digest)).toMatchObject({ code: 'subject_frozen' });
  });

  test('either approves, revokes and lifts for both', async () => {
    await link(resident, passport);
    const asked = await ask(world.consumer, passportRef);
    const nonce = `approve:${asked.id}:${asked.form_digest}`;
    const given = await approve(world.consumer, asked.id, await world.idToken({ identity: resident, nonce }));
    const { jws } = world.inquiry({ subject_ref: passportRef, consent: given.digest });
    expect(await world.redemptions.redeem({ inquiry: jws }, 'broker')).toHaveProperty('grants');
    const { id } = await freeze(world.consumer, { subjectRef: passportRef });
    const token = await world.idToken({ identity: resident, nonce: `thaw:${id}` });
    const actor = await actorByToken(world.consumer, token, `thaw:${id}`);
    expect(await thaw(world.consumer, id, actor)).toMatchObject({ status: 'lifted' });
    const revoked = { action: 'revoke', id: given.id } as const;
    expect(await actOnConsent(world.consumer, revoked, { subjectRef: residentRef })).toMatchObject({
      status: 'revoked',
    });
  });

  test.each<['resident' | 'passport']>([['resident'], ['passport']])(
    'S16 linked while the %s is frozen: the other is frozen too, and who held its grants acknowledges',
    async (which) => {
      const [frozen, open] = which === 'resident' ? [resident, passport] : [passport, resident];
      const { digest } = await world.consentOf(open, { ...terms, bureaus: ['harbour'] });
      await redeem(await refOf(open), digest);
      const { id } = await freeze(world.consumer, { subjectRef: await refOf(frozen) });
      const linked = await link(resident, passport);
      expect(linked.freeze).toMatchObject({ id, status: 'frozen', waiting: [] });
      expect(linked.freeze?.acknowledgements.map(({ node }) => node)).toContain('harbour');
      expect(await redeem(await refOf(open), digest)).toMatchObject({ code: 'subject_frozen' });
      expect((await listFreezes(world.consumer, [residentRef, passportRef])).items).toHaveLength(1);
    },
  );

  test('both frozen before: one freeze is left, and lifting it lifts for both', async () => {
    const [one, two] = [
      await freeze(world.consumer, { subjectRef: residentRef }),
      await freeze(world.consumer, { subjectRef: passportRef }),
    ];
    const { digest } = await world.consentOf(passport, terms);
    const linked = await link(resident, passport);
    const standing = linked.freeze?.id ?? '';
    expect([one.id, two.id]).toContain(standing);
    expect(await redeem(passportRef, digest)).toMatchObject({ code: 'subject_frozen' });
    const token = await world.idToken({ identity: resident, nonce: `thaw:${standing}` });
    await thaw(world.consumer, standing, await actorByToken(world.consumer, token, `thaw:${standing}`));
    expect(await redeem(passportRef, digest)).toHaveProperty('grants');
  });

  test('numbers of stops go on without a gap, higher than any of either side', async () => {
    const consents = [];
    for (let n = 0; n < 3; n += 1) consents.push(await world.consentOf(passport));
    for (const { id } of consents)
      await actOnConsent(world.consumer, { action: 'revoke', id }, { subjectRef: passportRef });
    const own = await world.consentOf(resident);
    await actOnConsent(world.consumer, { action: 'pause', id: own.id }, { subjectRef: residentRef });
    await link(resident, passport);
    await actOnConsent(world.consumer, { action: 'revoke', id: own.id }, { subjectRef: residentRef });
    const last = world.nodes.taken('broker').at(-1);
    expect([last?.subject_refs, last?.sequence]).toEqual([[passportRef, residentRef], 4]);
  });
});

describe('S42 nobody is linked against their will, and nothing is written', () => {
  /** The code by which it is refused, and whether it has written or linked anything all the same. */
  const refusal = async (act: () => Promise<unknown>): Promise<string> => {
    let code = 'accepted';
    const adds = await added(world, async () => {
      await act().catch((error: unknown) => {
        code = error instanceof CausewayError ? error.code : 'failed';
      });
    });
    const refs = await refsOf(world.consumer.db, passportRef);
    return Object.keys(adds).length === 0 && refs.length === 1 ? code : `${code}, but something changed`;
  };

  test('a session whose identity has not asked for this link', async () => {
    const id = newId();
    const token = await linkToken(passport, id);
    expect(await refusal(() => linkIdentity(world.consumer, residentRef, token))).toBe('token_invalid');
    const stranger = { scheme: 'passport', value: 'UTOX00000001' };
    await requestLink(world.consumer, await linkToken(stranger, id));
    const again = await linkToken(passport, id);
    expect(await refusal(() => linkIdentity(world.consumer, residentRef, again))).toBe('token_invalid');
  });

  test('an identity that signed in for another link, or for another act', async () => {
    const id = newId();
    await requestLink(world.consumer, await linkToken(resident, id));
    for (const nonce of [`link:${newId()}`, `session:${id}`, `thaw:${id}`, 'link:', `link:${id} `]) {
      const token = await world.idToken({ identity: passport, nonce });
      expect(await refusal(() => linkIdentity(world.consumer, residentRef, token))).toBe('token_invalid');
    }
  });

  test('a link whose time is over, and one that was used', async () => {
    const id = newId();
    await requestLink(world.consumer, await linkToken(resident, id));
    world.clock.advance(600_000);
    const token = await linkToken(passport, id);
    expect(await refusal(() => linkIdentity(world.consumer, residentRef, token))).toBe('token_invalid');
    const other = { scheme: 'passport', value: `UTOX${String(persons).padStart(8, '0')}` };
    const used = newId();
    await requestLink(world.consumer, await linkToken(resident, used));
    await linkIdentity(world.consumer, residentRef, await linkToken(other, used));
    const late = await linkToken(passport, used);
    expect(await refusal(() => linkIdentity(world.consumer, residentRef, late))).toBe('token_invalid');
  });

  test('S27 one id_token opens one request', async () => {
    const token = await linkToken(resident, newId());
    await requestLink(world.consumer, token);
    expect(await refusal(() => requestLink(world.consumer, token))).toBe('token_invalid');
  });

  test('two resident numbers are two persons', async () => {
    const spouse = { scheme: 'gb11643', value: '91990000MA0000007X' };
    const other = { scheme: 'gb11643', value: '990000198502030011' };
    const id = newId();
    await requestLink(world.consumer, await linkToken(resident, id));
    const wrong = await linkToken(spouse, id);
    expect(await refusal(() => linkIdentity(world.consumer, residentRef, wrong))).toBe('token_invalid');
    const token = await linkToken(other, id);
    expect(await refusal(() => linkIdentity(world.consumer, residentRef, token))).toBe('conflict');
  });

  test('an enterprise is nobody’s second identity', async () => {
    const mill = { scheme: 'gb32100', value: '91990000MA0000007X' };
    const id = newId();
    await requestLink(world.consumer, await linkToken(resident, id));
    const token = await linkToken(passport, id, { role: 'legal_representative', enterprise: mill });
    expect(await refusal(() => linkIdentity(world.consumer, residentRef, token))).toBe('token_invalid');
    expect(await refusal(() => requestLink(world.consumer, token))).toBe('token_invalid');
  });

  test('the 15-digit number is the same reference, so that there is nothing to link', async () => {
    const short = { scheme: 'gb11643', value: '110105491231002' };
    const long = { scheme: 'gb11643', value: '11010519491231002X' };
    expect(await world.consumer.references.all(short)).toEqual([await refOf(long)]);
    const id = newId();
    await requestLink(world.consumer, await linkToken(short, id));
    const linked = await linkIdentity(world.consumer, await refOf(long), await linkToken(long, id));
    expect(linked.identities).toEqual([]);
  });
});
