import { readFileSync } from 'node:fs';
import type { Federation } from '@causeway/sandbox/federation';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { newAuthority, uri } from '@causeway/service/certificates.fixture';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from './answers.ts';
import { attempt, describedRoutes, MEMBERS, nameOf } from './described-routes.ts';
import { callFederation, type ItemResult } from './federation-call.ts';
import { naughtyTextTests } from './naughty-text.ts';
import { callersAsWritten, callersOf } from './roles-and-routes.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
beforeAll(async () => {
  federation = await startTestFederation();
});
afterAll(() => stopTestFederation(federation));

/**
 * The few routes that take no credential, reviewed one by one; everything else is protected, whatever it is.
 */
const OPEN: Record<string, string> = {
  'GET /livez': 'says that the process runs',
  'GET /readyz': 'names conditions, never their cause',
  'GET /root': 'proves itself by the anchor',
  'GET /roots': 'each root is signed by the one before',
  'GET /directory': 'signed, and public by purpose',
  'GET /directory/entries/{digest}': 'found by the digest of what it says',
  'GET /policies': 'law is public',
  'GET /schemas': 'the protocol is public',
  'GET /schemas/{name}': 'the model is public',
  'GET /v1/reconciliation': 'says of digests whether they pair, and nothing of anybody',
  'GET /ledger/checkpoint': 'signed, and public by purpose',
  'GET /ledger/tile/{*}': 'hashes, which say nothing to who has not the statement',
  'GET /ledger/proof/{digest}': 'found by the digest of what it proves',
  'GET /ledger/proof/{digest}/first': 'the same, under an older checkpoint',
  'POST /witness/add-checkpoint': 'takes what the key of a ledger has signed',
  'POST /v1/applications': 'carries proofs by its own keys; two officers decide',
  'GET /v1/applications/{id}': 'found by an id that only the applicant was told',
  'GET /v1/directory': 'proves itself by the anchor',
  'GET /v1/member-names': 'the directory tells them to everybody',
  'GET /v1/sign-in': 'sends a browser away, and keeps nothing',
  'GET /v1/console/institutions': 'the directory tells them to everybody',
  'POST /oauth/token': 'carries a client assertion',
  'GET /oauth/jwks': 'public keys',
  'GET /oauth/.well-known/openid-configuration': 'public metadata',
};

const RUBBISH = 'eyJhbGciOiJub25lIn0.e30.AAAA';
const REFUSED = [401, 403];
/** Rubbish in the place of a statement is told as what it is. */
const NO_STATEMENT = ['statement_malformed', 'statement_missing', 'header_not_permitted'];

/** Every route that is not open, of every service. */
const guardedRoutes = async () =>
  (await describedRoutes(federation)).filter((route) => !(nameOf(route) in OPEN));

test('S1 no route of any service acts without a statement or token', async () => {
  const guarded = await guardedRoutes();
  expect(guarded.length).toBeGreaterThan(25);
  const refused: Refused[] = [];
  await refusedWriting(federation, NOBODY, async () => {
    for (const route of guarded) {
      for (const credential of [undefined, '']) {
        const { status, code, requestId } = await attempt(federation, route, credential);
        refused.push({ member: route.member, name: nameOf(route), status, code, requestId });
      }
    }
  });
  expect(refused.filter(({ status }) => !REFUSED.includes(status))).toEqual([]);
  expect(refused.filter(({ code }) => !/^(token|statement)_(missing|invalid)$/.test(code))).toEqual([]);
  expect(unlogged(refused)).toEqual([]);
});

test('S1 rubbish in the place of a statement or token is refused by every route', async () => {
  const faults: string[] = [];
  await refusedWriting(federation, NOBODY, async () => {
    for (const route of await guardedRoutes()) {
      for (const scheme of ['DPoP', 'Bearer', '']) {
        const { status, code } = await attempt(federation, route, RUBBISH, scheme);
        if (REFUSED.includes(status) || NO_STATEMENT.includes(code)) continue;
        faults.push(`${route.member} ${nameOf(route)} ${scheme}: ${status} ${code}`);
      }
    }
  });
  expect(faults).toEqual([]);
});

test('S1 HEAD is no way around, and a method that no route has does nothing', async () => {
  const guarded = await guardedRoutes();
  const faults: string[] = [];
  await refusedWriting(federation, NOBODY, async () => {
    for (const route of guarded) {
      const readable = guarded.some(({ method, path }) => method === 'GET' && path === route.path);
      const expected = { HEAD: readable ? 401 : 404, PUT: 404, PATCH: 404, DELETE: 404 };
      for (const [method, status] of Object.entries(expected)) {
        // That one is guarded by itself, and has its own turn.
        if (guarded.some((other) => other.method === method && other.path === route.path)) continue;
        const other = { ...route, method, ...(method === 'HEAD' ? { bodiless: true } : {}) };
        const answer = await attempt(federation, other);
        if (answer.status !== status) faults.push(`${nameOf(other)}: ${answer.status}`);
      }
    }
  });
  expect(faults).toEqual([]);
});

test('S1 the open routes are the reviewed ones, and asking them changes nothing', async () => {
  const open = (await describedRoutes(federation)).filter((route) => nameOf(route) in OPEN);
  expect(new Set(open.map(nameOf))).toEqual(new Set(Object.keys(OPEN)));
  const faults: string[] = [];
  await refusedWriting(federation, NOBODY, async () => {
    for (const route of open) {
      const { status } = await attempt(federation, route);
      const expected = route.method === 'POST' ? [400, 401, 415] : [200, 303, 404];
      if (!expected.includes(status)) faults.push(`${route.member} ${nameOf(route)}: ${status}`);
    }
    for (const url of MEMBERS.flatMap((member) =>
      ['/openapi.json', '/docs/'].map((page) => federation.url(member) + page),
    )) {
      const { status } = await request(url);
      if (status !== 200) faults.push(`${url}: ${status}`);
    }
  });
  expect(faults).toEqual([]);
});

test('S1 an application without the proofs of its keys is not taken', async () => {
  const application = { id: 'newcomer', legal_name: 'N', roles: ['lender'], class: 'A', jurisdiction: 'CN' };
  const keys = { statement_key: publicKeyOf('abc-bank'), auth_key: publicKeyOf('evergreen') };
  const url = `${federation.url('authority')}/v1/applications`;
  const headers = { 'content-type': 'application/json' };
  const proofs = [undefined, {}, { statement: '', auth: '' }, { statement: RUBBISH, auth: RUBBISH }];
  const statuses = await refusedWriting(federation, NOBODY, async () => {
    const answers = proofs.map((proof) => {
      const body = JSON.stringify({ ...application, endpoints: {}, ...keys, proof });
      return request(url, { method: 'POST', headers, body });
    });
    return (await Promise.all(answers)).map(({ status, code }) => `${status} ${code}`);
  });
  expect(statuses).toEqual([
    '400 bad_request',
    '400 bad_request',
    '400 statement_malformed',
    '401 statement_type',
  ]);
});

/** Every route of the federation listeners; they have no public description. */
const BETWEEN_NODES: [member: string, path: string][] = [
  ['authority', '/v1/subject-refs'],
  ['authority', '/v1/leaves?from=0'],
  ['consumer', '/v1/leaves?from=0'],
  ['central', '/v1/leaves?from=0'],
  ['authority', '/v1/time'],
  ['authority', '/v1/warrants/sha-256:AAAA'],
  ['authority', '/directory'],
  ['authority', '/root'],
  ['consumer', '/v1/grants'],
  ['consumer', '/v1/refusals'],
  ['consumer', '/v1/status'],
  ['consumer', '/v1/handlings'],
  ['broker', '/v1/status'],
  ['broker', '/v1/inquiries'],
  ['broker', '/v1/inquiries/an-inquiry/report'],
  ['broker', '/v1/report-checks'],
  ['central', '/v1/disclosures'],
  ['lotus', '/v1/disclosures'],
  ['harbour', '/v1/disclosures'],
  ['central', '/v1/status'],
  ['central', '/v1/disputes'],
];

test('S1 no federation listener speaks to a peer without a certificate of this federation', async () => {
  const foreign = newAuthority();
  const strangers = [
    undefined,
    ...['broker', 'consumer'].map((member) => foreign.issue({ uris: [uri(member, fed())] })),
  ];
  await refusedWriting(federation, NOBODY, async () => {
    for (const [to, path] of BETWEEN_NODES) {
      for (const stranger of strangers) {
        const by = stranger && { key: stranger.key, cert: stranger.cert };
        const call = callFederation(federation, { by, to, path, body: { items: [{ inquiry: RUBBISH }] } });
        await expect(call, `${to} ${path}`).rejects.toThrow(/alert|ECONNRESET|hang up|EPIPE/);
      }
      const plain = fetch(`http://127.0.0.1:${federation.ports.federation(to)}${path}`, { method: 'POST' });
      await expect(plain).rejects.toThrow(/fetch failed/);
    }
  });
});

test('S1 a peer with a certificate and no statements changes nothing', async () => {
  const calls: [to: string, path: string, item: string, members: string[]][] = [
    ['consumer', '/v1/grants', 'items', ['inquiry']],
    ['consumer', '/v1/refusals', 'refusals', ['refusal', 'inquiry']],
    ['central', '/v1/disclosures', 'items', ['inquiry', 'grant']],
  ];
  await refusedWriting(federation, NOBODY, async () => {
    for (const [to, path, list, members] of calls) {
      for (const [statement, code] of [
        ['', 'statement_missing'],
        [RUBBISH, 'header_not_permitted'],
      ] as const) {
        const item = Object.fromEntries(members.map((name) => [name, statement]));
        const { status, body } = await callFederation(federation, {
          by: 'broker',
          to,
          path,
          body: { [list]: [item] },
        });
        const results = body['results'] as ItemResult[];
        expect([
          status % 100,
          results.map(({ error, ...rest }) => [error?.code, error?.status, rest]),
        ]).toEqual([to === 'consumer' && path === '/v1/refusals' ? 2 : 0, [[code, 401, {}]]]);
      }
      for (const body of [{}, { [list]: [] }, { [list]: [{}] }]) {
        const answer = await callFederation(federation, { by: 'broker', to, path, body });
        expect([answer.status, answer.body['code']]).toEqual([400, 'bad_request']);
      }
    }
  });
});

test('S1 only its sender brings a dispute or a step of one, and never without a statement', async () => {
  const calls: [by: string, to: string, path: string, body: object, code: string][] = [
    ['broker', 'central', '/v1/disputes', { dispute: RUBBISH, text: 'x' }, 'role_not_permitted'],
    ['consumer', 'central', '/v1/disputes', { dispute: RUBBISH, text: 'x' }, 'header_not_permitted'],
    ['consumer', 'central', '/v1/disputes', { dispute: '', text: 'x' }, 'statement_missing'],
    ['consumer', 'central', '/v1/disputes', { dispute: RUBBISH }, 'bad_request'],
    ['broker', 'consumer', '/v1/handlings', { handling: RUBBISH }, 'role_not_permitted'],
    ['central', 'consumer', '/v1/handlings', { handling: RUBBISH }, 'header_not_permitted'],
    ['central', 'consumer', '/v1/handlings', { handling: '' }, 'statement_missing'],
    ['central', 'consumer', '/v1/handlings', {}, 'bad_request'],
  ];
  const told = await refusedWriting(federation, NOBODY, async () => {
    const codes: unknown[] = [];
    for (const [by, to, path, body] of calls)
      codes.push((await callFederation(federation, { by, to, path, body })).body['code']);
    return codes;
  });
  expect(told).toEqual(calls.map(([, , , , code]) => code));
});

// From here on something is written, and bureaus go on with it.
test('S68 every route takes exactly the callers that are written down, with any token there is', async () => {
  expect(await callersOf(federation)).toEqual(callersAsWritten(federation));
});

naughtyTextTests(() => federation);

const fed = (): string => federation.ceremony.fed;

function publicKeyOf(member: string) {
  const { kty, crv, x } = federation.keys(member).statement;
  return { kty, crv, x };
}

interface Refused {
  member: string;
  name: string;
  status: number;
  code: string;
  requestId: string;
}

/** Refusals without a line in the log of the service that refused, by request id and with their status. */
function unlogged(refused: Refused[]): Refused[] {
  const logs = new Map(MEMBERS.map((name) => [name, readFileSync(federation.process(name).logFile, 'utf8')]));
  return refused.filter(({ member, requestId, status }) => {
    const lines = logs.get(member)?.split('\n') ?? [];
    return !lines.some((line) => line.includes(requestId) && line.includes(`"status":${status}`));
  });
}
