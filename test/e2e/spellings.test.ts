import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, type Agreed, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type Lender, revocationNonce } from '@causeway/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callFederation, claimsOf, onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { overflowOf, twinOf } from './twin-signature.ts';
import { countsOf, NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let lender: Lender;
const liNa = sandboxSubject('li-na');
const terms = usualTerms(['central', 'lotus', 'harbour'], 20);

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  lender = federation.lender('abc-bank');
});
afterAll(() => stopTestFederation(federation));

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The fifteen other spellings of a signature: the last character of 86 has four bits to spare. */
function spellingsOf(jws: string): string[] {
  const at = ALPHABET.indexOf(jws.at(-1) ?? '');
  return Array.from(
    { length: 16 },
    (_, bits) => jws.slice(0, -1) + (ALPHABET[(at & 48) + bits] ?? ''),
  ).filter((spelling) => spelling !== jws);
}

/** What a lenient decoder would read as the same statement, and what other signatures over it there are. */
const othersOf = (jws: string): string[] => [
  ...spellingsOf(jws),
  ...[`${jws}=`, `${jws}==`, ` ${jws}`, `${jws}\n`, jws.replace('.', '=.')],
  overflowOf(jws),
];

const twins = (jws: string, member: string): string[] =>
  Array.from({ length: 10 }, () => twinOf(jws, federation.keys(member).statement));

async function redeemable(): Promise<{ agreed: Agreed; jws: string }> {
  const agreed = await agree(federation, lender, liNa, terms);
  const { subjectRef, digest: consent } = agreed;
  const { categories, purpose } = terms;
  const { jws } = await lender.sign({ subjectRef, consent, purpose, categories, operator: 'op-1' });
  return { agreed, jws };
}

const refusing = /^(statement_malformed|signature_invalid)$/u;

test('S13 an inquiry under other signatures is one use; other spellings are no statement', async () => {
  const { agreed, jws } = await redeemable();
  expect(spellingsOf(jws)).toHaveLength(15);
  const codes = await refusedWriting(federation, NOBODY, async () => {
    const all = othersOf(jws).map(async (other) => (await redeemAsBroker(federation, other)).result);
    return (await Promise.all(all)).map(({ error, ...rest }) => ({ code: String(error?.code), rest }));
  });
  for (const each of codes)
    expect(each).toEqual({ code: expect.stringMatching(refusing) as unknown, rest: {} });
  const before = (await countsOf(federation, ['consumer']))['consumer'] ?? {};
  const same = [jws, ...twins(jws, 'abc-bank')];
  const redeemed = await Promise.all(same.map((each) => redeemAsBroker(federation, each)));
  expect(redeemed.map(({ result }) => result.use)).toEqual(same.map(() => 1));
  const after = (await countsOf(federation, ['consumer']))['consumer'] ?? {};
  const tables = ['consent_use', 'access', 'grant_holder'];
  expect(tables.map((table) => (after[table] ?? 0) - (before[table] ?? 0))).toEqual([1, 1, 4]);
  await federation.subject().revoke(agreed.id, await federation.idToken(liNa, revocationNonce(agreed.id)));
  for (const each of same) {
    expect((await redeemAsBroker(federation, each)).result.code).toBe('consent_revoked');
  }
});

test('S13 a grant under other signatures brings the one disclosure; other spellings bring none', async () => {
  const { jws } = await redeemable();
  const grant = (await redeemAsBroker(federation, jws)).grant('lotus');
  const item = { by: 'broker', to: 'lotus', inquiry: jws };
  await refusedWriting(federation, NOBODY, async () => {
    for (const other of othersOf(grant)) {
      const { disclosure, error } = onlyResult(await present(federation, { ...item, grant: other }));
      expect([disclosure, error?.code]).toEqual([undefined, expect.stringMatching(refusing)]);
    }
  });
  const besides = { ...NOBODY, lotus: { answer: 1, leaves: 1 } };
  const released = await refusedWriting(federation, besides, () =>
    Promise.all(
      [grant, ...twins(grant, 'consumer')].map(
        async (each) => onlyResult(await present(federation, { ...item, grant: each })).disclosure,
      ),
    ),
  );
  expect([new Set(released).size, released[0]?.slice(0, 2)]).toEqual([1, 'ey']);
});

test('S13 a stop under other signatures is the one that is known; other spellings stop nothing', async () => {
  const { agreed, jws } = await redeemable();
  await redeemAsBroker(federation, jws);
  const nonce = revocationNonce(agreed.id);
  const receipt = await federation.subject().revoke(agreed.id, await federation.idToken(liNa, nonce));
  const known = receipt.acknowledgements.find(({ node }) => node === 'lotus');
  const send = (status: string) =>
    callFederation(federation, { by: 'consumer', to: 'lotus', path: '/v1/status', body: { status } });
  await refusedWriting(federation, NOBODY, async () => {
    for (const each of [receipt.receipt, ...twins(receipt.receipt, 'consumer')]) {
      expect(await send(each)).toEqual({ status: 200, body: { ack: known?.ack } });
    }
    for (const other of othersOf(receipt.receipt)) {
      const { body, status } = await send(other);
      expect([status >= 400, body['code']]).toEqual([true, expect.stringMatching(refusing)]);
    }
  });
  expect(claimsOf(known?.ack ?? '')['tree_size']).toBe(known?.tree_size);
});

test('S13 an id_token in all its spellings revokes once', async () => {
  const { agreed } = await redeemable();
  const token = await federation.idToken(liNa, revocationNonce(agreed.id));
  const besides = { consumer: { stop: 1, status_delivery: 4, used_id_token: 1, leaves: 1 } };
  const codes = await refusedWriting(federation, besides, () =>
    Promise.all(
      [token, ...spellingsOf(token), `${token}=`, `${token}==`].map((each) =>
        federation
          .subject()
          .revoke(agreed.id, each)
          .then(
            ({ status }) => status,
            (error: unknown) => (error as { code?: string }).code ?? String(error),
          ),
      ),
    ),
  );
  const refused = codes.filter((code) => code !== 'revoked');
  expect([codes.length - refused.length, new Set(refused)]).toEqual([1, new Set(['token_invalid'])]);
});
