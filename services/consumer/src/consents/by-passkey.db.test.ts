import {
  CausewayError,
  checkAssertion,
  digestOf,
  readUnverified,
  verify,
  type Consent,
  type PasskeyProof,
} from '@causeway/protocol';
import { party, softPasskey } from '@causeway/protocol/passkey.fixture';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enrol } from '../passkeys/enrol.ts';
import { enrolled, registered } from '../passkeys/test-browser.ts';
import { added } from '../test-rows.ts';
import { ask, createWorld, persons, refOf, type World } from '../test-world.ts';
import { approveByPasskey } from './approve-by-passkey.ts';
import { composeConsent } from './document.ts';

const { lina, wang } = persons;
const ref = await refOf(lina);
const passkey = softPasskey('lina');
const stranger = softPasskey('stranger');
let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  await enrolled(world, { identity: lina, ref }, passkey);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const composed = async (asked: { id: string; form_digest: string }, refs = [ref]) =>
  await composeConsent(world.consumer, refs, { request: asked.id, form_digest: asked.form_digest });

/** A request, and its consent given by passkey. */
async function given() {
  const asked = await ask(world.consumer, ref);
  const { digest, document } = await composed(asked);
  const assertion = passkey.assert(digest);
  return await approveByPasskey(world.consumer, [ref], asked.id, { document, assertion });
}

async function refusal(act: () => Promise<unknown>): Promise<string> {
  let code = 'accepted';
  const rows = await added(world, async () => {
    code = await act().then(
      () => 'accepted',
      (error: unknown) => (error instanceof CausewayError ? error.code : 'failed'),
    );
  });
  expect(rows).toEqual({});
  return code;
}

const redeemed = async (consent: string, redemptions = world.redemptions) => {
  const inquiry = world.inquiry({ subject_ref: ref, consent: digestOf(consent) });
  return await redemptions.redeem({ inquiry: inquiry.jws }, 'broker');
};

test('a passkey agrees to the very consent that is signed, by its digest', async () => {
  const asked = await ask(world.consumer, ref);
  const { digest, document, options } = await composed(asked);
  expect(options).toMatchObject({ challenge: digest.slice(8), rpId: party.rp_id });
  const assertion = passkey.assert(digest);
  const { consent } = await approveByPasskey(world.consumer, [ref], asked.id, { document, assertion });
  const context = { keys: world.directory.view.keys, fed: 'test', nowMs: world.clock.now() };
  const read = verify('consent', consent, { ...context, audience: 'abc-bank', received: 'first' });
  expect(read.digest).toBe(digest);
  expect(read.claims).toMatchObject({ strength: 'passkey', subject_ref: ref, grantor: { role: 'self' } });
});

test('a legal representative’s passkey for an enterprise signs as such, no other of theirs', async () => {
  const mill = { scheme: 'gb32100', value: '91990000MA0000007X' };
  const millRef = await refOf(mill);
  const asked = await ask(world.consumer, millRef);
  expect(await refusal(() => composed(asked, [millRef]))).toBe('conflict');
  const own = softPasskey('for the mill');
  const { content, id } = await registered(world, millRef, own);
  const claims = { identity: lina, role: 'legal_representative', enterprise: mill };
  await enrol(world.consumer, id, await world.idToken({ ...claims, nonce: `enrol:${content}` }));
  const { digest, document } = await composed(asked, [millRef]);
  const by = { document, assertion: own.assert(digest) };
  const { consent } = await approveByPasskey(world.consumer, [millRef], asked.id, by);
  const { claims: signed } = readUnverified(consent) as { claims: Consent };
  expect(signed.grantor.role).toBe('legal_representative');
});

test('what verifies the consent goes with its grants, from a process that has just started too', async () => {
  const { consent, digest } = await given();
  const replica = world.replica();
  const first = (await redeemed(consent, replica.redemptions)) as { passkey?: PasskeyProof };
  await replica.close();
  const { assertion, enrolments } = first.passkey ?? { enrolments: [] };
  const context = { keys: world.directory.view.keys, fed: 'test', nowMs: world.clock.now() };
  const { claims } = verify('enrolment', enrolments[0]?.statement ?? '', {
    ...{ ...context, audience: 'central', received: 'forwarded' },
  });
  expect(() => checkAssertion(assertion, { challenge: digest, enrolment: claims, party })).not.toThrow();
});

test('nothing of that goes with a consent that was given by signing in', async () => {
  const { consent } = await world.consentOf(lina);
  expect(await redeemed(consent)).not.toHaveProperty('passkey');
});

describe('S42 no consent by passkey', () => {
  test('with an assertion over another document, by another passkey, or without the person', async () => {
    const asked = await ask(world.consumer, ref);
    const { digest, document } = await composed(asked);
    const other = await composed(asked);
    for (const assertion of [
      passkey.assert(other.digest),
      stranger.assert(digest),
      { ...stranger.assert(digest), credential_id: passkey.credential_id },
      passkey.assert(digest, { flags: 0x01 }),
    ]) {
      const approve = () => approveByPasskey(world.consumer, [ref], asked.id, { document, assertion });
      expect(await refusal(approve)).toBe('assertion_invalid');
    }
  });

  test('for somebody else’s request, or by a document of another one', async () => {
    const [asked, another] = [await ask(world.consumer, ref), await ask(world.consumer, ref)];
    const { digest, document } = await composed(asked);
    const by = { document, assertion: passkey.assert(digest) };
    const others = [await refOf(wang)];
    expect(await refusal(() => composed(asked, others))).toBe('not_found');
    expect(await refusal(() => approveByPasskey(world.consumer, others, asked.id, by))).toBe('not_found');
    expect(await refusal(() => approveByPasskey(world.consumer, [ref], another.id, by))).toBe('conflict');
  });

  test('twice, to a form that was not read, or after five minutes', async () => {
    const asked = await ask(world.consumer, ref);
    const other = { ...asked, form_digest: `sha-256:${'A'.repeat(43)}` };
    expect(await refusal(() => composed(other))).toBe('conflict');
    const { digest, document } = await composed(asked);
    const by = { document, assertion: passkey.assert(digest) };
    await approveByPasskey(world.consumer, [ref], asked.id, by);
    expect(await refusal(() => approveByPasskey(world.consumer, [ref], asked.id, by))).toBe('conflict');
    const late = await ask(world.consumer, ref);
    const old = await composed(late);
    world.clock.advance(5 * 60_000);
    const too = { document: old.document, assertion: passkey.assert(old.digest) };
    expect(await refusal(() => approveByPasskey(world.consumer, [ref], late.id, too))).toBe('conflict');
  });

  test('S40 by a document of which one letter is another', async () => {
    const asked = await ask(world.consumer, ref);
    const { digest, document } = await composed(asked);
    for (const at of [0, 100, document.length - 5]) {
      const letter = document[at] === 'A' ? 'B' : 'A';
      const spoilt = `${document.slice(0, at)}${letter}${document.slice(at + 1)}`;
      const by = { document: spoilt, assertion: passkey.assert(digest) };
      expect(await refusal(() => approveByPasskey(world.consumer, [ref], asked.id, by))).toBe('conflict');
    }
  });

  test('by a person who has no passkey in force', async () => {
    const other = await refOf(wang);
    const asked = await ask(world.consumer, other);
    expect(await refusal(() => composed(asked, [other]))).toBe('conflict');
    await enrolled(world, { identity: wang, ref: other }, softPasskey('wang'));
    world.clock.advance(1000);
    const { digest, document } = await composed(asked, [other]);
    expect(digest).toMatch(/^sha-256:/u);
    expect(document.length).toBeLessThan(8192);
  });
});
