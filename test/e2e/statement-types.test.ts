import { seconds, systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { request } from './answers.ts';
import { callFederation, claimsOf, onlyResult, present } from './federation-call.ts';
import { type RawStatement, without } from './raw-statement.ts';
import { StatementMaker } from './statement-maker.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let maker: StatementMaker;
/** One real statement of every type, each good in its own place. */
let statements: Record<string, string>;

beforeAll(async () => {
  federation = await startTestFederation();
  maker = await StatementMaker.open(federation);
  statements = await maker.oneOfEach();
});
afterAll(() => stopTestFederation(federation));

const json = { 'content-type': 'application/json' };

/** Every statement but those of these types. */
const allBut = (...types: string[]): [string, string][] =>
  Object.entries(statements).filter(([type]) => !types.includes(type));

test('S4 there is a real statement of every type, and each says so in its header', () => {
  const types = Object.entries(statements).map(([type, jws]) => {
    const header = JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as {
      typ: string;
    };
    return [type, header.typ];
  });
  expect(types).toHaveLength(9);
  expect(types.filter(([type, typ]) => typ !== `causeway-${type}+jws`)).toEqual([]);
});

describe('a statement in the place of another', () => {
  const refusedType = (types: [string, string][]) => types.map(([type]) => `${type} 401 statement_type`);

  test('S4 whatever is no inquiry, at the broker', async () => {
    const told = await refusedWriting(federation, NOBODY, async () => {
      const url = `${federation.url('broker')}/v1/inquiries`;
      const headers = { 'content-type': 'application/jose' };
      return eachOf(allBut('inquiry'), (body) => request(url, { method: 'POST', headers, body }));
    });
    expect(told).toEqual(refusedType(allBut('inquiry')));
  });

  const places: [where: string, type: string, to: string, path: string, item: (jws: string) => object][] = [
    ['an inquiry to redeem', 'inquiry', 'consumer', '/v1/grants', (jws) => ({ inquiry: jws })],
    [
      'a refusal for the history',
      'refusal',
      'consumer',
      '/v1/refusals',
      (jws) => ({ refusal: jws, inquiry: statements['inquiry'] }),
    ],
    [
      'an inquiry with its refusal',
      'inquiry',
      'consumer',
      '/v1/refusals',
      (jws) => ({ refusal: statements['refusal'], inquiry: jws }),
    ],
    [
      'a grant at a bureau',
      'grant',
      'central',
      '/v1/disclosures',
      (jws) => ({ inquiry: statements['inquiry'], grant: jws }),
    ],
    [
      'an inquiry at a bureau',
      'inquiry',
      'central',
      '/v1/disclosures',
      (jws) => ({ inquiry: jws, grant: freshGrant() }),
    ],
  ];

  test.each(places)('S4 whatever is not %s', async (_, type, to, path, item) => {
    const list = path === '/v1/refusals' ? 'refusals' : 'items';
    const told = await refusedWriting(federation, NOBODY, () =>
      eachOf(allBut(type), async (jws) => {
        const answer = await callFederation(federation, {
          by: 'broker',
          to,
          path,
          body: { [list]: [item(jws)] },
        });
        const { error, ...rest } = onlyResult(answer);
        expect(rest).toEqual({});
        return { status: error?.status ?? 0, code: error?.code ?? '' };
      }),
    );
    expect(told).toEqual(refusedType(allBut(type)));
  });

  test('S4 no statement is a token, a proof, a session or an id_token', async () => {
    const id = uuidv7(systemClock, systemRandom);
    const guarded = [
      [`${federation.url('broker')}/v1/inquiries/${id}`, 'GET'],
      [`${federation.url('consumer')}/v1/consent-requests/${id}`, 'GET'],
      [`${federation.url('authority')}/v1/subject-refs`, 'POST'],
      [`${federation.url('central')}/v1/mappings`, 'POST'],
      [`${federation.url('consumer')}/v1/accesses`, 'GET'],
    ] as const;
    const faults: string[] = [];
    await refusedWriting(federation, NOBODY, async () => {
      for (const [type, jws] of allBut()) {
        for (const [url, method] of guarded) {
          for (const scheme of ['DPoP', 'Bearer']) {
            const headers = { authorization: `${scheme} ${jws}`, dpop: jws };
            const { status, code } = await request(url, { method, headers });
            if (status !== 401 || code !== 'token_invalid')
              faults.push(`${type} ${url} ${scheme}: ${status} ${code}`);
          }
        }
        for (const path of ['/v1/sessions', `/v1/consents/${maker.consentId}/revocation`]) {
          const body = JSON.stringify({ id_token: jws });
          const url = `${federation.url('consumer')}${path}`;
          const { status, code } = await request(url, { method: 'POST', headers: json, body });
          if (status !== 401 || code !== 'token_invalid') faults.push(`${type} ${path}: ${status} ${code}`);
        }
      }
    });
    expect(faults).toEqual([]);
  });

  /** Sends each statement and tells how it was refused. */
  async function eachOf(
    types: [string, string][],
    sending: (jws: string) => Promise<{ status: number; code: string }>,
  ): Promise<string[]> {
    const told: string[] = [];
    for (const [type, jws] of types) {
      const { status, code } = await sending(jws);
      told.push(`${type} ${status} ${code}`);
    }
    return told;
  }
});

/** A grant for the known inquiry, good at central now: signed as the consumer service would. */
function freshGrant(spoilt: (grant: RawStatement) => RawStatement = (grant) => grant): string {
  const iat = seconds(systemClock);
  const claims = {
    ...claimsOf(statements['grant'] ?? ''),
    iat,
    exp: iat + 15,
    jti: uuidv7(systemClock, systemRandom),
  };
  return maker.sign('grant', 'consumer', claims, spoilt);
}

describe('a name that does not fit', () => {
  test('S4 the claims of one type under the name of another are malformed', async () => {
    const url = `${federation.url('broker')}/v1/inquiries`;
    const headers = { 'content-type': 'application/jose' };
    const faults: string[] = [];
    await refusedWriting(federation, NOBODY, async () => {
      for (const [type, jws] of allBut('inquiry')) {
        const claims = { ...claimsOf(jws), iss: 'abc-bank', aud: 'broker' };
        const body = maker.sign('inquiry', 'abc-bank', claims);
        const { status, code } = await request(url, { method: 'POST', headers, body });
        if (status !== 400 || code !== 'statement_malformed') faults.push(`${type}: ${status} ${code}`);
      }
    });
    expect(faults).toEqual([]);
  });

  test('S4 a key signs only its types: no inquiry by a bureau, no grant by a lender', async () => {
    const url = `${federation.url('broker')}/v1/inquiries`;
    const headers = { 'content-type': 'application/jose' };
    const told = await refusedWriting(federation, NOBODY, async () => {
      const codes: string[] = [];
      for (const member of ['central', 'broker']) {
        const body = maker.sign('inquiry', member, maker.inquiry({ iss: member }).claims);
        codes.push((await request(url, { method: 'POST', headers, body })).code);
      }
      for (const member of ['abc-bank', 'broker', 'lotus']) {
        const iat = seconds(systemClock);
        const claims = { ...claimsOf(statements['grant'] ?? ''), iss: member, iat, exp: iat + 15 };
        const item = { inquiry: statements['inquiry'] ?? '', grant: maker.sign('grant', member, claims) };
        const { error } = onlyResult(await present(federation, { by: 'broker', to: 'central', ...item }));
        codes.push(error?.code ?? '');
      }
      return codes;
    });
    expect(new Set(told)).toEqual(new Set(['key_use']));
  });
});

describe('what nodes take from nodes', () => {
  const COMMON = ['v', 'fed', 'iss', 'aud', 'jti', 'iat', 'exp', 'salt'];
  const GRANT = ['presenter', 'subject_ref', 'inquiry', 'consent', 'use', 'categories', 'obligations'];
  const REST = ['strength', 'policy_version', 'directory_version'];
  const pointerOf = (name: string) => (['typ', 'alg', 'kid'].includes(name) ? `/header/${name}` : `/${name}`);

  const asBroker = (to: string, path: string, body: object) =>
    callFederation(federation, { by: 'broker', to, path, body });

  test('S2 a grant re-signed without a member is refused at the bureau with the member named', async () => {
    const names = ['typ', 'alg', 'kid', ...COMMON, ...GRANT, ...REST];
    const named: (string | undefined)[] = [];
    await refusedWriting(federation, NOBODY, async () => {
      for (const name of names) {
        const item = { inquiry: statements['inquiry'], grant: freshGrant((grant) => without(grant, name)) };
        named.push(pointerIn(onlyResult(await asBroker('central', '/v1/disclosures', { items: [item] }))));
      }
    });
    expect(named).toEqual(names.map(pointerOf));
  });

  test('S2 a refusal re-signed without a member does not reach the history', async () => {
    const names = ['typ', 'alg', 'kid', ...COMMON, 'inquiry', 'code', 'policy_version', 'rules'];
    const jws = maker.signedInquiry({ purpose: 'COLLECTION' });
    const digest = sha256Digest(jws.slice(0, jws.lastIndexOf('.')));
    const says = { inquiry: digest, code: 'not_authorised', policy_version: 'cn-2026.1', rules: [] };
    const claims = { ...maker.common('broker', 'abc-bank'), ...says };
    const named: (string | undefined)[] = [];
    await refusedWriting(federation, NOBODY, async () => {
      for (const name of names) {
        const refusal = maker.sign('refusal', 'broker', claims, (good) => without(good, name));
        const refusals = [{ refusal, inquiry: jws }];
        named.push(pointerIn(onlyResult(await asBroker('consumer', '/v1/refusals', { refusals }))));
      }
    });
    expect(named).toEqual(names.map(pointerOf));
    const refusals = [{ refusal: maker.sign('refusal', 'broker', claims), inquiry: jws }];
    expect(onlyResult(await asBroker('consumer', '/v1/refusals', { refusals }))).toEqual({ recorded: true });
  });

  test('S3 S5 a grant with a byte flipped or another algorithm is nothing; unspoilt it is good', async () => {
    const grant = freshGrant();
    const flipped = [5, 60, 300, grant.length - 40, grant.length - 1].map((at) => {
      return `${grant.slice(0, at)}${grant[at] === 'A' ? 'B' : 'A'}${grant.slice(at + 1)}`;
    });
    const headed = ['none', 'HS256', 'ES256', 'EdDSA'].map((alg) =>
      freshGrant(({ header, claims }) => ({ header: { ...header, alg }, claims })),
    );
    const codes: (string | undefined)[] = [];
    await refusedWriting(federation, NOBODY, async () => {
      for (const each of [...flipped, ...headed]) {
        const item = { inquiry: statements['inquiry'], grant: each };
        const { error, ...rest } = onlyResult(
          await asBroker('central', '/v1/disclosures', { items: [item] }),
        );
        codes.push(error?.code, ...Object.keys(rest));
      }
    });
    expect(
      codes
        .filter((code) => code !== 'algorithm')
        .every((code) => /malformed|invalid|permitted/.test(code ?? '')),
    ).toBe(true);
    expect(codes.filter((code) => code === 'algorithm')).toHaveLength(headed.length);
    const good = { inquiry: statements['inquiry'], grant: freshGrant() };
    const { disclosure } = onlyResult(await asBroker('central', '/v1/disclosures', { items: [good] }));
    expect(claimsOf(String(disclosure))['outcome']).toBe('not_found');
  });

  /** The member that an item's error names; undefined where there is no error or none is named. */
  function pointerIn({ error }: { error?: object }): string | undefined {
    const errors = (error && (Reflect.get(error, 'errors') as { pointer: string }[] | undefined)) ?? [];
    return errors[0]?.pointer;
  }
});
