import { seconds, uuidv7 } from '@causeway/kernel';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { type PrivateJwk, generateKey, kidOf } from '@causeway/protocol/keys';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeApplicant, prove } from '../test-kit/applicant.ts';
import { type Answer, act, admit, apply, get, post } from '../test-kit/calls.ts';
import { compactJws } from '../test-kit/jws.ts';
import { actPayload, publicPart, signAct } from '../test-kit/officers.ts';
import { type RunningAuthority, startAuthority } from '../test-kit/running-authority.ts';
import { outcomeOf } from '../test-kit/outcome.ts';
import { queryOwner, rowsWritten } from '../test-kit/written.ts';

let database: TestDatabase;
let authority: RunningAuthority;
let fed: string;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'authority' });
  authority = await startAuthority({ databaseUrl: database.url, port: await freePort() });
  ({ fed } = authority);
});

afterAll(async () => {
  await authority.stop();
  await database.drop();
});

const outcome = (send: () => Promise<Answer>) => outcomeOf(database.ownerUrl, send);

async function newest(): Promise<number> {
  const [row] = await queryOwner(database.ownerUrl, 'SELECT max(version) AS version FROM directory_version');
  return Number(row?.['version']);
}

describe('admission', () => {
  const admission = async (name: string) => {
    const made = makeApplicant(fed, name, 'lender');
    const { body } = await apply(authority, made.application);
    const { application, digest } = body;
    return {
      made,
      payload: (more: Record<string, unknown> = {}) =>
        actPayload(fed, { act: 'admit', application, digest, ...more }),
    };
  };
  const send = (signed: unknown) => post(`${authority.url}/v1/members`, { act: signed });

  test('members admitted at once are all answered, and all in force when they are', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `crowd-bank-${n}`);
    const asked = await Promise.all(names.map(admission));
    const answers = await Promise.all(
      asked.map(async ({ payload }) => send(signAct(payload(), authority.officers.keys))),
    );
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
    const versions = answers.map(({ body }) => Number(body['directory_version']));
    expect(Math.max(...versions)).toBeLessThanOrEqual(await newest());
  });

  test('S33 one officer alone admits nobody, not with two signatures of one key either', async () => {
    const { payload } = await admission('lone-bank');
    const [one] = authority.officers.keys;
    expect(await outcome(() => send(signAct(payload(), [one])))).toEqual([
      403,
      'approval_insufficient',
      'nothing written',
    ]);
    expect(await outcome(() => send(signAct(payload(), [one, one])))).toEqual([
      403,
      'approval_insufficient',
      'nothing written',
    ]);
  });

  test('S33 two officers admit, and the act leaves a ledger entry', async () => {
    const { payload } = await admission('duo-bank');
    const signed = signAct(payload(), authority.officers.keys);
    const before = await newest();
    const answer = await send(signed);
    expect([answer.status, answer.body]).toEqual([
      201,
      { member: 'duo-bank', directory_version: before + 1 },
    ]);
    const acts = await queryOwner(
      database.ownerUrl,
      "SELECT digest FROM officer_act WHERE member = 'duo-bank'",
    );
    expect(acts).toHaveLength(1);
    const leaves = `SELECT digest FROM leaf UNION SELECT digest FROM leaf_staging`;
    expect(await queryOwner(database.ownerUrl, leaves)).toContainEqual(acts[0]);
    const rows = await rowsWritten(database.ownerUrl);
    expect(await send(signed)).toEqual(answer);
    expect(await rowsWritten(database.ownerUrl)).toEqual(rows);
  });

  test('a certificate is issued under the name that stands in the act, and recorded', async () => {
    const bureau = makeApplicant(fed, 'north-bureau', 'bureau');
    const id = await admit(authority, bureau);
    const { body } = await get(`${authority.url}/v1/applications/${id}`);
    expect(body['status']).toBe('admitted');
    const [row] = await queryOwner(
      database.ownerUrl,
      "SELECT pem FROM certificate WHERE member = 'north-bureau'",
    );
    expect(row?.['pem']).toBe(body['certificate']);
  });

  test.each<[string, Record<string, unknown>, number, string]>([
    ['for another application', { digest: `sha-256:${'A'.repeat(43)}` }, 400, 'digest_mismatch'],
    [
      'for an application that nobody sent',
      { application: uuidv7(systemClock, systemRandom) },
      404,
      'not_found',
    ],
    ['of another federation', { fed: 'other-fed' }, 401, 'federation_mismatch'],
    ['that is too old', { iat: seconds(systemClock) - 3700 }, 401, 'time_window'],
    ['from the future', { iat: seconds(systemClock) + 120 }, 401, 'time_window'],
    ['of another kind', { act: 'suspend' }, 400, 'statement_malformed'],
    ['with an unknown member', { also: 'this' }, 400, 'statement_malformed'],
    ['without an id', { jti: undefined }, 400, 'statement_malformed'],
  ])('an act %s admits nobody', async (what, more, status, code) => {
    const { payload } = await admission(`bank-${what.replaceAll(/[^a-z]/gu, '-')}`.slice(0, 38));
    expect(await outcome(() => send(signAct(payload(more), authority.officers.keys)))).toEqual([
      status,
      code,
      'nothing written',
    ]);
  });

  test('an act by a stranger, with a broken signature or with another header admits nobody', async () => {
    const { payload } = await admission('plain-bank');
    const { keys } = authority.officers;
    const stranger = signAct(payload(), [keys[0], generateKey()]);
    expect(await outcome(() => send(stranger))).toEqual([401, 'key_unknown', 'nothing written']);
    const good = signAct(payload(), keys);
    const moved = {
      ...good,
      payload: signAct(payload({ jti: uuidv7(systemClock, systemRandom) }), keys).payload,
    };
    expect(await outcome(() => send(moved))).toEqual([401, 'signature_invalid', 'nothing written']);
    expect(await outcome(() => send(signAct(payload(), keys, { typ: 'causeway-grant+jws' })))).toEqual([
      401,
      'statement_type',
      'nothing written',
    ]);
    expect(await outcome(() => send(signAct(payload(), keys, { alg: 'none' })))).toEqual([
      401,
      'algorithm',
      'nothing written',
    ]);
    expect(await outcome(() => send(signAct(payload(), keys, { crit: ['b64'], b64: false })))).toEqual([
      401,
      'header_not_permitted',
      'nothing written',
    ]);
    expect(await outcome(() => send({ ...good, signatures: [] }))).toEqual([
      401,
      'statement_missing',
      'nothing written',
    ]);
  });

  test("S33 an act's id counts once: another act under it is refused", async () => {
    const [first, second] = [await admission('first-bank'), await admission('second-bank')];
    const jti = uuidv7(systemClock, systemRandom);
    expect((await send(signAct(first.payload({ jti }), authority.officers.keys))).status).toBe(201);
    expect(await outcome(() => send(signAct(second.payload({ jti }), authority.officers.keys)))).toEqual([
      409,
      'once_conflict',
      'nothing written',
    ]);
  });

  test('an id and a key belong to one member for ever', async () => {
    const { made, payload } = await admission('sole-bank');
    expect((await send(signAct(payload(), authority.officers.keys))).status).toBe(201);
    const namesake = makeApplicant(fed, 'sole-bank', 'lender');
    expect(await outcome(() => apply(authority, namesake.application))).toEqual([
      409,
      'conflict',
      'nothing written',
    ]);
    const changed = { ...made.application, id: 'copy-bank' };
    const copy = prove(fed, changed, { statement: made.statement, auth: made.auth });
    expect(await outcome(() => apply(authority, copy))).toEqual([409, 'conflict', 'nothing written']);
  });

  test('two applicants for one id: the second admission is refused', async () => {
    const [first, second] = [await admission('race-bank'), await admission('race-bank')];
    const answers = await Promise.all(
      [first, second].map(({ payload }) => send(signAct(payload(), authority.officers.keys))),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });
});

describe('acts on members', () => {
  test.each(['revoke_key', 'retire_key'])('S33 one officer alone does not %s', async (what) => {
    const made = makeApplicant(fed, `acts-${what.replace('_', '-')}`, 'lender');
    await admit(authority, made);
    const { id } = made.application;
    const kid = kidOf(id, publicPart(made.statement));
    const payload = actPayload(fed, { act: what, member: id, kid });
    const [one] = authority.officers.keys;
    expect(await outcome(() => act(authority, id, signAct(payload, [one])))).toEqual([
      403,
      'approval_insufficient',
      'nothing written',
    ]);
    expect((await act(authority, id, signAct(payload, authority.officers.keys))).status).toBe(200);
    const again = signAct(actPayload(fed, { act: what, member: id, kid }), authority.officers.keys);
    expect(await outcome(() => act(authority, id, again))).toEqual([409, 'conflict', 'nothing written']);
  });

  test('an act about a member, key or path that does not fit is refused', async () => {
    const made = makeApplicant(fed, 'fit-bank', 'lender');
    await admit(authority, made);
    const { keys } = authority.officers;
    const signed = (more: Record<string, unknown>) => signAct(actPayload(fed, more), keys);
    const suspend = signed({ act: 'suspend', member: 'fit-bank' });
    expect(await outcome(() => act(authority, 'duo-bank', suspend))).toEqual([
      403,
      'link_mismatch',
      'nothing written',
    ]);
    const nobody = signed({ act: 'suspend', member: 'no-bank' });
    expect(await outcome(() => act(authority, 'no-bank', nobody))).toEqual([
      404,
      'not_found',
      'nothing written',
    ]);
    const kid = kidOf('fit-bank', publicPart(generateKey()));
    const unknown = signed({ act: 'revoke_key', member: 'fit-bank', kid });
    expect(await outcome(() => act(authority, 'fit-bank', unknown))).toEqual([
      404,
      'not_found',
      'nothing written',
    ]);
    const self = signed({ act: 'suspend', member: 'authority' });
    expect(await outcome(() => act(authority, 'authority', self))).toEqual([
      409,
      'conflict',
      'nothing written',
    ]);
    const active = signed({ act: 'reinstate', member: 'fit-bank' });
    expect(await outcome(() => act(authority, 'fit-bank', active))).toEqual([
      409,
      'conflict',
      'nothing written',
    ]);
    const expel = signed({ act: 'expel', member: 'fit-bank' });
    expect(await outcome(() => act(authority, 'fit-bank', expel))).toEqual([
      400,
      'statement_malformed',
      'nothing written',
    ]);
  });

  test('a key is added only with its own proof, sound, new, and for what the member may do', async () => {
    const made = makeApplicant(fed, 'key-bank', 'lender');
    await admit(authority, made);
    const { keys } = authority.officers;
    const attempt = async (
      change: { jwk?: unknown; use?: string[]; claims?: object; proof?: 'none' } = {},
    ) => {
      const next = generateKey();
      const jwk = change.jwk ?? publicPart(next);
      const use = change.use ?? ['inquiry'];
      const payload = actPayload(fed, { act: 'add_key', member: 'key-bank', jwk, use });
      const claims = {
        fed,
        member: 'key-bank',
        jti: payload['jti'],
        iat: seconds(systemClock),
        ...change.claims,
      };
      const proof = compactJws(next, { typ: 'causeway-key+jws', alg: 'Ed25519' }, claims);
      return await act(
        authority,
        'key-bank',
        signAct(payload, keys),
        change.proof === 'none' ? undefined : proof,
      );
    };
    const weak = { kty: 'OKP', crv: 'Ed25519', x: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' };
    expect(await outcome(() => attempt({ jwk: weak }))).toEqual([400, 'weak_key', 'nothing written']);
    expect(await outcome(() => attempt({ proof: 'none' }))).toEqual([400, 'bad_request', 'nothing written']);
    expect(await outcome(() => attempt({ jwk: publicPart(generateKey()) }))).toEqual([
      401,
      'signature_invalid',
      'nothing written',
    ]);
    expect(await outcome(() => attempt({ claims: { member: 'duo-bank' } }))).toEqual([
      403,
      'link_mismatch',
      'nothing written',
    ]);
    expect(await outcome(() => attempt({ use: ['grant'] }))).toEqual([
      403,
      'role_not_permitted',
      'nothing written',
    ]);
    expect(await outcome(() => attempt({ use: ['directory'] }))).toEqual([
      403,
      'role_not_permitted',
      'nothing written',
    ]);
    expect(await outcome(() => attempt({ use: ['access-token'] }))).toEqual([
      403,
      'role_not_permitted',
      'nothing written',
    ]);
    expect(await outcome(() => attempt({ use: ['inquiry', 'client-auth'] }))).toEqual([
      400,
      'application_invalid',
      'nothing written',
    ]);
    expect((await attempt()).status).toBe(200);
  });

  test('S11 the key of a tree is replaced only with its own proof, by one that nobody had', async () => {
    const made = makeApplicant(fed, 'tree-bureau', 'bureau');
    await admit(authority, made);
    const { keys } = authority.officers;
    const attempt = async (
      key: PrivateJwk,
      change: { by?: PrivateJwk; member?: string; tree?: string } = {},
    ) => {
      const { by = key, member = 'tree-bureau', tree = 'witness' } = change;
      const payload = actPayload(fed, { act: 'replace_tree_key', member, tree, jwk: publicPart(key) });
      const claims = { fed, member, jti: payload['jti'], iat: seconds(systemClock) };
      const proof = compactJws(by, { typ: 'causeway-key+jws', alg: 'Ed25519' }, claims);
      return await act(authority, member, signAct(payload, keys), proof);
    };
    const { trees } = made;
    if (!trees) throw new Error('a bureau has keys for its trees');
    const other = generateKey();
    expect(await outcome(() => attempt(other, { by: trees.witness }))).toEqual([
      401,
      'signature_invalid',
      'nothing written',
    ]);
    expect(await outcome(() => attempt(trees.ledger))).toEqual([409, 'conflict', 'nothing written']);
    expect(await outcome(() => attempt(other, { tree: 'statement' }))).toEqual([
      400,
      'statement_malformed',
      'nothing written',
    ]);
    expect(await outcome(() => attempt(other, { member: 'authority', tree: 'ledger' }))).toEqual([
      409,
      'conflict',
      'nothing written',
    ]);
    expect((await attempt(other)).status).toBe(200);
    // The key of before is in no entry in force, and still nobody's to enrol.
    expect(await outcome(() => attempt(trees.witness))).toEqual([409, 'conflict', 'nothing written']);
    expect((await attempt(generateKey(), { tree: 'ledger' })).status).toBe(200);
  });
});

test('S34 no private key is in what the processes write, nor in the database', async () => {
  const tables = ['application', 'officer_act', 'member_entry', 'certificate', 'directory_version'];
  const dump: unknown[] = [];
  for (const table of tables) dump.push(await queryOwner(database.ownerUrl, `SELECT * FROM ${table}`));
  const everything = authority.output() + JSON.stringify(dump);
  for (const secret of authority.secrets()) expect(everything).not.toContain(secret);
  expect(everything).toContain('north-bureau');
});
