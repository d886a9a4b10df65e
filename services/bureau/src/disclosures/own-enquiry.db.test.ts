import { digestOf, sha256Digest } from '@causeway/protocol';
import { directoryWith, now, otherSubject, subject } from '@causeway/protocol/federation.fixture';
import { softPasskey } from '@causeway/protocol/passkey.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { account, claimsOf, createWorld } from '../test-world.ts';
import { categories, mine, ownEnquiryOf, withPasskeys } from './test-own-enquiry.ts';

const stranger = softPasskey('stranger');
let database: TestDatabase;
let world: World;
let enrolled: ReturnType<typeof ownEnquiryOf>['enrolled'];
let given: ReturnType<typeof ownEnquiryOf>['given'];

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
  ({ enrolled, given } = ownEnquiryOf(world));
});
beforeEach(async () => {
  await world.reset();
  world.directory.current = directoryWith([withPasskeys]).view;
  await world.store(subject, [account('a')]);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

/** The code of the refusal, after which there is neither answer, leaf nor pin that was not there before. */
const refused = async (item: Partial<ReturnType<typeof given>> & { inquiry: string; grant: string }) => {
  const before = [await world.traces(), await world.count('enrolment_pin')];
  const { results } = await world.ask([item]);
  expect([await world.traces(), await world.count('enrolment_pin')]).toEqual(before);
  expect(results[0]?.disclosure).toBeUndefined();
  return results[0]?.error?.code;
};

describe('a person’s inquiry about themselves', () => {
  it('is answered in full when their passkey has signed it, frozen or not, and pins that', async () => {
    await world.stop(subject, '', 'frozen');
    const { results } = await world.ask([given()]);
    const disclosure = claimsOf('disclosure', results[0]?.disclosure ?? '');
    expect(disclosure).toMatchObject({
      aud: 'consumer',
      outcome: 'answered',
      records: [{ record: 'account' }],
    });
    expect(await world.count('enrolment_pin')).toBe(1);
  });

  it('S56 is refused while they want to be erased: what is here is stored and nothing else', async () => {
    await world.stop(subject, '', 'restricted');
    const { results } = await world.ask([given()]);
    expect(results[0]?.disclosure).toBeUndefined();
    expect(results[0]?.code).toBe('not_authorised');
  });

  it('has the same answer again when it is presented again, and there is one', async () => {
    const item = given();
    const first = await world.ask([item]);
    const again = await world.ask([item]);
    expect(again.results[0]?.disclosure).toBe(first.results[0]?.disclosure);
    expect(await world.traces()).toMatchObject({ answers: 1 });
  });
});

describe('S42 nothing is released', () => {
  it('without the assertion, whatever the consumer service granted', async () => {
    const { grant, inquiry } = given();
    expect(await refused({ grant, inquiry })).toBe('assertion_invalid');
  });

  it('with an assertion over another inquiry, also one that was good', async () => {
    const used = given();
    expect((await world.ask([used])).results[0]).toHaveProperty('disclosure');
    const next = given({ use: 2 });
    expect(await refused({ ...next, passkey: used.passkey })).toBe('assertion_invalid');
  });

  it('with an assertion by another key, or of a person who was not verified', async () => {
    const item = given();
    const digest = digestOf(item.inquiry);
    const forged = { ...stranger.assert(digest), credential_id: mine.credential_id };
    for (const assertion of [stranger.assert(digest), forged, mine.assert(digest, { flags: 0x01 })]) {
      expect(await refused({ ...item, passkey: { ...item.passkey, assertion } })).toBe('assertion_invalid');
    }
  });

  it('about another person, with one’s own passkey', async () => {
    const theirs = enrolled(mine, { subject_ref: otherSubject });
    expect(await refused(given({ enrolment: theirs }))).toBe('link_mismatch');
    expect(await refused(given({ inquiry: { subject_ref: otherSubject } }))).toBe('link_mismatch');
  });

  it('under an enrolment that the inquiry does not cite', async () => {
    const basis = { code: 'OWN_ENQUIRY', cited: sha256Digest('another') };
    expect(await refused(given({ inquiry: { basis } }))).toBe('assertion_invalid');
  });

  it('by a passkey that the bureau has not pinned, beside one that it has', async () => {
    expect((await world.ask([given()])).results[0]).toHaveProperty('disclosure');
    const rival = enrolled(stranger, { iat: now });
    const item = given({ enrolment: rival, use: 2 });
    const passkey = { ...item.passkey, assertion: stranger.assert(digestOf(item.inquiry)) };
    expect(await refused({ ...item, passkey })).toBe('assertion_invalid');
  });

  it('S43 of a category that policy does not list for it, though the passkey has signed it', async () => {
    const { results } = await world.ask([given({ inquiry: { categories: [...categories, 'CONDITIONAL'] } })]);
    expect(results[0]).toMatchObject({ code: 'category_not_permitted' });
    expect(results[0]).not.toHaveProperty('disclosure');
  });

  it('to a lender, who has the person’s assertion over its own inquiry', async () => {
    const { results } = await world.ask([given({ asker: 'abc-bank' })]);
    expect(results[0]).not.toHaveProperty('disclosure');
  });
});
