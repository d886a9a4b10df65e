import { seconds, uuidv7 } from '@causeway/kernel';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { sha256Digest } from '@causeway/protocol/digest';
import { type PrivateJwk, generateKey, thumbprint } from '@causeway/protocol/keys';
import { readUnverified } from '@causeway/protocol/verify';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeApplicant } from '../test-kit/applicant.ts';
import { type Answer, act, admit, callFederation, get, post } from '../test-kit/calls.ts';
import { actPayload, publicPart, signAct } from '../test-kit/officers.ts';
import { outcomeOf } from '../test-kit/outcome.ts';
import { type RunningAuthority, startAuthority } from '../test-kit/running-authority.ts';
import { queryOwner, rowsWritten } from '../test-kit/written.ts';

let database: TestDatabase;
let authority: RunningAuthority;
/** Certificates of the nodes that ask for a warrant. */
const credentials = new Map<string, { key: string; cert: string; ca: string }>();
const subject = `s1.1.${'A'.repeat(43)}`;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'authority' });
  authority = await startAuthority({ databaseUrl: database.url, port: await freePort() });
  const members = [
    ['broker', 'broker'],
    ['consumer', 'consumer'],
    ['central', 'bureau'],
    ['gone', 'bureau'],
  ] as const;
  for (const [id, role] of members) {
    const made = makeApplicant(authority.fed, id, role);
    const application = await admit(authority, made);
    const { body } = await get(`${authority.url}/v1/applications/${application}`);
    const { certificate, ca } = body;
    credentials.set(id, { key: made.tlsKeyPem ?? '', cert: String(certificate), ca: String(ca) });
  }
});
afterAll(async () => {
  await authority.stop();
  await database.drop();
});

const now = () => seconds(systemClock);
const payload = (more: Record<string, unknown> = {}) =>
  actPayload(authority.fed, {
    ...{ act: 'warrant', purpose: 'JUDICIAL', subject_ref: subject, categories: ['ACCOUNT_SUMMARY'] },
    ...{ bureaus: ['central'], paper: sha256Digest('paper'), valid_from: now(), valid_until: now() + 3600 },
    ...more,
  });
const send = async (signed: unknown): Promise<Answer> =>
  await post(`${authority.url}/v1/warrants`, { act: signed });
const record = async (more: Record<string, unknown> = {}, keys: readonly PrivateJwk[] = officers()) =>
  await send(signAct(payload(more), keys));
const officers = () => authority.officers.keys;

describe('a warrant of two officers', () => {
  test('is stored with its leaf, and brings an inquiry exactly as it says', async () => {
    const answer = await record();
    expect(answer.status).toBe(201);
    const { inquiry, warrant } = answer.body;
    expect(readUnverified(String(inquiry)).claims).toMatchObject({
      ...{ iss: 'authority', aud: 'broker', subject_ref: subject, purpose: 'JUDICIAL' },
      ...{ categories: ['ACCOUNT_SUMMARY'], basis: { code: 'JUDICIAL', cited: warrant } },
    });
    const leaves = await queryOwner(
      database.ownerUrl,
      `SELECT typ FROM leaf WHERE digest = '${String(warrant)}'
       UNION SELECT typ FROM leaf_staging WHERE digest = '${String(warrant)}'`,
    );
    expect(leaves).toEqual([{ typ: 'warrant' }]);
  });

  test('S7 again it is the same warrant and the same inquiry, many at once too', async () => {
    const signed = signAct(payload(), officers());
    const first = await send(signed);
    const before = await rowsWritten(database.ownerUrl);
    const many = await Promise.all(Array.from({ length: 10 }, async () => await send(signed)));
    expect(many).toEqual(many.map(() => first));
    expect(await rowsWritten(database.ownerUrl)).toEqual(before);
  });

  test('the consumer service alone reads it, by its digest, as it was signed', async () => {
    const signed = signAct(payload(), officers());
    const { body } = await send(signed);
    const path = `/v1/warrants/${encodeURIComponent(String(body['warrant']))}`;
    const read = async (member: string, of = path) =>
      await callFederation(authority.federationPort, of, credentials.get(member) ?? {});
    expect(await read('consumer')).toEqual({ status: 200, body: { ...signed } });
    const refused = await read('central');
    expect([refused.status, refused.body['code']]).toEqual([404, 'not_found']);
    const absent = await read('consumer', `/v1/warrants/${encodeURIComponent(sha256Digest('none'))}`);
    expect([absent.status, absent.body['code']]).toEqual([404, 'not_found']);
    expect((await get(`${authority.url}${path}`)).status).toBe(404);
  });
});

describe('S33 refused, and nothing is written', () => {
  const outcome = async (sending: () => Promise<Answer>) => await outcomeOf(database.ownerUrl, sending);

  test('one officer alone, or twice, and a stranger beside one', async () => {
    const [one] = officers();
    for (const keys of [[one], [one, one]]) {
      const refused = await outcome(async () => await record({}, keys));
      expect(refused).toEqual([403, 'approval_insufficient', 'nothing written']);
    }
    const stranger = await outcome(async () => await record({}, [one, generateKey()]));
    expect(stranger).toEqual([401, 'key_unknown', 'nothing written']);
  });

  test.each<[string, () => Record<string, unknown>, number, string]>([
    ['of another federation', () => ({ fed: 'other-fed' }), 401, 'federation_mismatch'],
    ['that is too old', () => ({ iat: now() - 3700 }), 401, 'time_window'],
    ['that has ended', () => ({ valid_from: now() - 10, valid_until: now() }), 401, 'expired'],
    ['that is valid at no time', () => ({ valid_until: now() - 5 }), 400, 'statement_malformed'],
    ['for a purpose of lenders', () => ({ purpose: 'LOAN_APPROVAL' }), 403, 'role_not_permitted'],
    ['for a purpose without such a ground', () => ({ purpose: 'OWN_ENQUIRY' }), 403, 'role_not_permitted'],
    [
      'for a category that the purpose has not',
      () => ({ categories: ['SCORE'] }),
      403,
      'category_not_permitted',
    ],
    ['at a bureau that is none', () => ({ bureaus: ['broker'] }), 400, 'bad_request'],
    ['at a bureau that nobody knows', () => ({ bureaus: ['nowhere'] }), 400, 'bad_request'],
    ['on no subject', () => ({ subject_ref: 'Li Na' }), 400, 'statement_malformed'],
    ['with a member more', () => ({ also: 1 }), 400, 'statement_malformed'],
    ['without the digest of the paper', () => ({ paper: undefined }), 400, 'statement_malformed'],
    ['that is another act', () => ({ act: 'suspend' }), 400, 'statement_malformed'],
  ])('a warrant %s', async (_what, more, status, code) => {
    expect(await outcome(async () => await record(more()))).toEqual([status, code, 'nothing written']);
  });

  test('S7 another act under the id of a warrant', async () => {
    const jti = uuidv7(systemClock, systemRandom);
    await record({ jti });
    const refused = await outcome(async () => await record({ jti, categories: ['PUBLIC_RECORD'] }));
    expect(refused).toEqual([409, 'once_conflict', 'nothing written']);
  });

  test('at a suspended bureau', async () => {
    const suspend = signAct(actPayload(authority.fed, { act: 'suspend', member: 'gone' }), officers());
    const answer = await act(authority, 'gone', suspend);
    expect(answer.body).toMatchObject({ acknowledgements: [], waiting: ['broker', 'consumer'] });
    const refused = await outcome(async () => await record({ bureaus: ['central', 'gone'] }));
    expect(refused).toEqual([400, 'bad_request', 'nothing written']);
  });

  test('under an officer’s key that the directory has revoked', async () => {
    const [one, two] = officers();
    const kid = `authority:${thumbprint(publicPart(two))}`;
    const revoke = signAct(
      actPayload(authority.fed, { act: 'revoke_key', member: 'authority', kid }),
      officers(),
    );
    expect((await act(authority, 'authority', revoke)).status).toBe(200);
    const refused = await outcome(async () => await record({}, [one, two]));
    expect(refused).toEqual([401, 'key_unknown', 'nothing written']);
  });
});
