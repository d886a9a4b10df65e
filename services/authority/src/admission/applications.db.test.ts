import { seconds, uuidv7 } from '@causeway/kernel';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import { generateKey } from '@causeway/protocol/keys';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRequest } from '../certificates/request-for-tests.ts';
import { generateRsa } from '../certificates/certificate-authority.ts';
import { makeApplicant, prove } from '../test-kit/applicant.ts';
import { type Answer, apply, get, post } from '../test-kit/calls.ts';
import { publicPart } from '../test-kit/officers.ts';
import { type RunningAuthority, startAuthority } from '../test-kit/running-authority.ts';
import { outcomeOf } from '../test-kit/outcome.ts';
import type { Application } from './application.ts';

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

const lender = (change?: (application: Application) => Application) =>
  makeApplicant(fed, 'some-bank', 'lender', change);

/** One of the eight points of small order, the identity, and a spelling of y = 1 that is not canonical. */
const WEAK_POINTS = {
  identity: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'small order': '7P______________________________________38',
  'not canonical': '7v______________________________________38',
};

describe('applications', () => {
  test('S18 weak Ed25519 points are refused as statement key and as client key', async () => {
    for (const x of Object.values(WEAK_POINTS)) {
      const weak = { kty: 'OKP', crv: 'Ed25519', x };
      for (const member of ['statement_key', 'auth_key'] as const) {
        const { application } = lender();
        expect(await outcome(() => apply(authority, { ...application, [member]: weak }))).toEqual([
          400,
          'weak_key',
          'nothing written',
        ]);
      }
    }
  });

  test('S18 weak Ed25519 points are refused as key of a ledger and as witness key', async () => {
    for (const x of Object.values(WEAK_POINTS)) {
      for (const member of ['ledger_key', 'witness_key'] as const) {
        const { application } = node();
        const weak = { ...application, [member]: { kty: 'OKP', crv: 'Ed25519', x } };
        expect(await outcome(() => apply(authority, weak))).toEqual([400, 'weak_key', 'nothing written']);
      }
    }
  });

  test('passkeys are of a consumer service, at its own host', async () => {
    const passkeys = { rp_id: 'portal.example', origins: ['https://portal.example'] };
    const elsewhere = { ...passkeys, origins: ['https://evilportal.example'] };
    const of = (role: 'broker' | 'consumer', given: typeof passkeys) =>
      makeApplicant(fed, `new-${role}`, role, (form) => ({ ...form, passkeys: given })).application;
    for (const form of [of('broker', passkeys), of('consumer', elsewhere)]) {
      expect(await outcome(() => apply(authority, form))).toEqual([
        400,
        'application_invalid',
        'nothing written',
      ]);
    }
    expect((await apply(authority, of('consumer', passkeys))).status).toBe(201);
  });

  test('S18 keys of another kind and private keys are refused', async () => {
    const { application } = lender();
    const p256 = { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' };
    for (const key of [p256, { kty: 'RSA', n: 'AQAB', e: 'AQ' }, { ...generateKey() }, {}]) {
      expect(await outcome(() => apply(authority, { ...application, statement_key: key }))).toEqual([
        400,
        'weak_key',
        'nothing written',
      ]);
    }
  });

  test('S18 RSA 1024 and an exponent of 1 or 3 are refused in a certificate request', async () => {
    for (const csr of [weakRequest(1024, 65_537), weakRequest(2048, 3), weakRequest(2048, 1)]) {
      const { application } = makeApplicant(fed, 'some-bureau', 'bureau', (good) => ({ ...good, csr }));
      expect(await outcome(() => apply(authority, application))).toEqual([
        400,
        'weak_key',
        'nothing written',
      ]);
    }
  });

  test.each<[string, () => Application, number, string]>([
    [
      'with an unknown member',
      () => ({ ...lender().application, status: 'active' }) as Application,
      400,
      'bad_request',
    ],
    ['for the role of the authority', () => withRoles('authority'), 400, 'bad_request'],
    ['under an id that is no slug', () => ({ ...lender().application, id: '../x' }), 400, 'bad_request'],
    ['for a node without a request', () => withoutRequest(), 400, 'application_invalid'],
    ['with what is no request', () => withRequest('-----BEGIN NONSENSE-----\n'), 400, 'application_invalid'],
    ['with a request signed by another key', () => withRequest(stolenRequest()), 400, 'signature_invalid'],
    [
      'with a request over SHA-1',
      () => withRequest(makeRequest({ md: 'sha1' }).csr),
      400,
      'application_invalid',
    ],
    ['with one key for both uses', () => oneKey(), 400, 'application_invalid'],
    ['changed after it was proved', () => ({ ...lender().application, class: 'B' }), 400, 'digest_mismatch'],
    ['proved long ago', () => proved({ iat: seconds(systemClock) - 3600 }), 401, 'time_window'],
    ['proved for another federation', () => proved({ fed: 'other-fed' }), 401, 'federation_mismatch'],
    ['for a node without a key for its ledger', () => without('ledger_key'), 400, 'application_invalid'],
    ['for a node without a witness key', () => without('witness_key'), 400, 'application_invalid'],
    ['for a lender with a ledger', () => withLedger(), 400, 'application_invalid'],
    ['with one key for ledger and statements', () => oneTreeKey(), 400, 'application_invalid'],
    ["with a ledger's key that is somebody else's", () => stolenLedger(), 401, 'signature_invalid'],
    ["proved by somebody else's key", () => stolen(), 401, 'signature_invalid'],
  ])('an application %s is refused', async (_what, make, status, code) => {
    const expected = code === 'signature_invalid' ? 401 : status;
    expect(await outcome(() => apply(authority, make()))).toEqual([expected, code, 'nothing written']);
  });

  test('the same application again is the same row', async () => {
    const { application } = makeApplicant(fed, 'twice-bank', 'lender');
    const [first, second] = [await apply(authority, application), await apply(authority, application)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    const status = await get(`${authority.url}/v1/applications/${String(first.body['application'])}`);
    expect(status.body).toEqual({ status: 'pending' });
  });

  test('an application that nobody sent is not found', async () => {
    const id = uuidv7(systemClock, systemRandom);
    expect(await outcome(() => get(`${authority.url}/v1/applications/${id}`))).toEqual([
      404,
      'not_found',
      'nothing written',
    ]);
    expect(await outcome(() => get(`${authority.url}/v1/applications/1`))).toEqual([
      400,
      'bad_request',
      'nothing written',
    ]);
  });

  function node(change?: (application: Application) => Application) {
    return makeApplicant(fed, 'some-bureau', 'bureau', change);
  }
  function without(member: 'ledger_key' | 'witness_key'): Application {
    return node(({ [member]: _key, ...rest }) => rest).application;
  }
  function withLedger(): Application {
    return lender((good) => ({ ...good, ledger_key: { ...publicPart(generateKey()) } })).application;
  }
  function oneTreeKey(): Application {
    const { application, statement, auth, trees } = node((good) => ({
      ...good,
      ledger_key: good.statement_key,
    }));
    return prove(fed, application, { statement, auth, ...trees, ledger: statement });
  }
  function stolenLedger(): Application {
    const { application, statement, auth, trees } = node();
    return prove(fed, application, { statement, auth, ...trees, ledger: generateKey() });
  }
  function withRoles(role: string): Application {
    return { ...lender().application, roles: [role] } as Application;
  }
  function withoutRequest(): Application {
    return makeApplicant(fed, 'some-bureau', 'bureau', ({ csr: _csr, ...rest }) => rest).application;
  }
  function withRequest(csr: string): Application {
    return makeApplicant(fed, 'some-bureau', 'bureau', (good) => ({ ...good, csr })).application;
  }
  function stolenRequest(): string {
    return makeRequest({ publicKeyPem: generateRsa(2048).publicKeyPem }).csr;
  }
  function oneKey(): Application {
    const made = lender((good) => ({ ...good, auth_key: good.statement_key }));
    return prove(fed, made.application, { statement: made.statement, auth: made.statement });
  }
  function proved(claims: Record<string, unknown>): Application {
    const { application, statement, auth } = lender();
    return prove(fed, application, { statement, auth }, claims);
  }
  function stolen(): Application {
    const made = lender();
    return prove(fed, made.application, { statement: generateKey(), auth: made.auth });
  }
});

function weakRequest(bits: number, exponent: number): string {
  return makeRequest({ bits, exponent }).csr;
}

test('a body that is not JSON, or is too large, or of another type is refused', async () => {
  const url = `${authority.url}/v1/applications`;
  expect(await outcome(() => post(url, '{"id":"a","id":"b"}'))).toEqual([
    400,
    'bad_request',
    'nothing written',
  ]);
  expect(await outcome(() => post(url, 'x'.repeat(70_000)))).toEqual([
    413,
    'body_too_large',
    'nothing written',
  ]);
  expect(await outcome(() => post(url, 'id=a', { 'content-type': 'text/plain' }))).toEqual([
    415,
    'unsupported_media_type',
    'nothing written',
  ]);
});
