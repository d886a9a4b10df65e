import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Federation } from '@causeway/sandbox/federation';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InquiryDoor } from './inquiry-door.ts';
import { signTexts, without } from './raw-statement.ts';

let federation: Federation;
let door: InquiryDoor;
beforeAll(async () => {
  federation = await startTestFederation();
  door = await InquiryDoor.open(federation);
});
afterAll(() => stopTestFederation(federation));

const HEADER = ['typ', 'alg', 'kid'];
const COMMON = ['v', 'fed', 'iss', 'aud', 'jti', 'iat', 'exp', 'salt'];
const OWN = [
  'subject_ref',
  'consent',
  'purpose',
  'categories',
  'profile',
  'operator',
  'deadline',
  'delivery',
];
const CLAIMS = [...COMMON, ...OWN];

/** The same entry for each name: how a statement spoilt in this member is refused. */
const each = (names: string[], of: (name: string) => string) =>
  Object.fromEntries(names.map((name) => [name, of(name)]));

describe('required members', () => {
  const malformed = each(CLAIMS, (name) => `400 statement_malformed /${name}`);
  const header = each(HEADER, (name) => `401 header_not_permitted /header/${name}`);

  test('S2 an inquiry re-signed validly without a member is refused with the member named', async () => {
    const spoilt = each([...HEADER, ...CLAIMS], (name) => door.sign(without(door.inquiry(), name)));
    expect(await door.refusals(spoilt)).toEqual({ ...header, ...malformed });
  });

  test('S2 a member that is null, empty or of another type is no member', async () => {
    for (const value of [null, '', {}, []]) {
      const inHeader = each(HEADER, (name) => {
        const { header: good, claims } = door.inquiry();
        return door.sign({ header: { ...good, [name]: value }, claims });
      });
      const told = await door.refusals(inHeader);
      const empty = { typ: '401 statement_type /header/typ', kid: '401 key_unknown /header/kid' };
      const spelled = { ...empty, alg: '401 algorithm /header/alg' };
      expect(told).toEqual(value === '' ? spelled : header);
      const inClaims = each(CLAIMS, (name) => door.sign(door.inquiry({ [name]: value })));
      const refused = Object.entries(await door.refusals(inClaims));
      const unnamed = refused.filter(([name, how]) => !how.startsWith(`400 statement_malformed /${name}`));
      expect(unnamed).toEqual([]);
    }
  });

  test('S2 a member that is not known is refused with its name, in the header too', async () => {
    const { header: good, claims } = door.inquiry();
    const spoilt = {
      claims: door.sign({ header: good, claims: { ...claims, scope: 'all' } }),
      header: door.sign({ header: { ...good, cty: 'JWT' }, claims }),
      both: door.sign({
        header: good,
        claims: { ...claims, basis: { code: 'A_B', cited: claims['consent'] } },
      }),
    };
    expect(await door.refusals(spoilt)).toEqual({
      claims: '400 statement_malformed /scope',
      header: '401 header_not_permitted /header/cty',
      both: '400 statement_malformed /consent',
    });
  });

  test('S2 the unspoilt statement is accepted: nothing else was wrong with the others', async () => {
    expect((await door.accepted(door.sign(door.inquiry()))).state).toBe('complete');
  });
});

describe('received bytes', () => {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

  /** The text with the character at this place replaced by its neighbour in the alphabet. */
  function flip(jws: string, place: number): string {
    const at = ALPHABET.indexOf(jws[place] ?? '');
    return `${jws.slice(0, place)}${ALPHABET[at ^ 1] ?? 'A'}${jws.slice(place + 1)}`;
  }

  test('S3 a statement with one character changed is refused, wherever it is', async () => {
    const jws = door.sign(door.inquiry());
    const [header = '', payload = ''] = jws.split('.');
    const ends = [header.length - 1, header.length, header.length + 1, header.length + payload.length];
    const places = [...jws]
      .map((_, place) => place)
      .filter((place) => place % 9 === 0 || ends.includes(place));
    const signature = [...jws].map((_, place) => place).slice(header.length + payload.length + 1);
    const spoilt = each([...places, ...signature].map(String), (place) => flip(jws, Number(place)));
    const told = await door.refusals(spoilt);
    const inHeader =
      /^40[01] (statement_malformed|header_not_permitted|statement_type|algorithm|key_unknown)/;
    const behind = /^401 signature_invalid$|^400 statement_malformed( \/payload| \/signature)?$/;
    const odd = Object.entries(told).filter(
      ([place, how]) => !(Number(place) <= header.length ? inHeader : behind).test(how),
    );
    expect(odd).toEqual([]);
    expect(Object.values(told).filter((how) => how.includes('signature_invalid')).length).toBeGreaterThan(
      100,
    );
  });

  test('S3 a statement written anew, with the same meaning, is another statement', async () => {
    const { header, claims } = door.inquiry();
    const [head = '', payload = '', signature = ''] = door.sign({ header, claims }).split('.');
    const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const sorted = Object.fromEntries(Object.entries(claims).toSorted(([a], [b]) => a.localeCompare(b)));
    const spaced = Buffer.from(JSON.stringify(claims, undefined, 1)).toString('base64url');
    const escaped = Buffer.from(JSON.stringify(claims).replace('merged', '\\u006derged')).toString(
      'base64url',
    );
    const { kid, alg, typ } = header;
    const invalid = '401 signature_invalid';
    const rewritten = {
      sorted: `${head}.${text(sorted)}.${signature}`,
      spaced: `${head}.${spaced}.${signature}`,
      escaped: `${head}.${escaped}.${signature}`,
      header: `${text({ kid, alg, typ })}.${payload}.${signature}`,
    };
    expect(await door.refusals(rewritten)).toEqual(each(Object.keys(rewritten), () => invalid));
    const respelled = {
      padded: `${head}.${payload}.${signature}==`,
      spacedOut: `${head}.${payload}. ${signature}`,
      standard: `${head}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}+`,
    };
    const refused = Object.values(await door.refusals(respelled));
    expect(refused.filter((how) => !how.startsWith('400 statement_malformed'))).toEqual([]);
  });

  test('S3 a key that stands twice is refused though the signature holds', async () => {
    const { header, claims } = door.inquiry();
    const [head, payload] = [JSON.stringify(header), JSON.stringify(claims)];
    const twice = (text: string, member: string) => text.replace('{', `{${member},`);
    const spoilt = {
      operator: signTexts(head, twice(payload, '"operator":"op-2"'), door.key),
      same: signTexts(head, twice(payload, '"operator":"op-1"'), door.key),
      escaped: signTexts(head, twice(payload, '"\\u006fperator":"op-2"'), door.key),
      header: signTexts(twice(head, '"kid":"evergreen:x"'), payload, door.key),
      proto: signTexts(head, twice(payload, '"__proto__":{"x":1}'), door.key),
    };
    const told = await door.refusals(spoilt);
    expect(told).toEqual(each(Object.keys(spoilt), () => '400 statement_malformed'));
  });
});

describe('the key decides the algorithm', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  /** A statement under another header, its signature made by whatever is given. */
  function under(header: Record<string, unknown>, signature: (input: string) => Buffer): string {
    const { header: good, claims } = door.inquiry();
    const input = `${encode({ ...good, ...header })}.${encode(claims)}`;
    return `${input}.${signature(input).toString('base64url')}`;
  }

  /** A statement that is validly signed under another header. */
  const headed = (header: Record<string, unknown>): string => {
    const { header: good, claims } = door.inquiry();
    return door.sign({ header: { ...good, ...header }, claims });
  };

  test('S5 none, HS256 with the public key, ES256, and names that are nearly right', async () => {
    const secret = Buffer.from(door.key.x, 'base64url');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const hmac = (hash: string, key: Buffer | string) => (input: string) =>
      createHmac(hash, key).update(input).digest();
    const ecdsa = (input: string) =>
      signBytes('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    const spoilt = {
      none: under({ alg: 'none' }, () => Buffer.alloc(0)),
      noneSigned: headed({ alg: 'none' }),
      hs256: under({ alg: 'HS256' }, hmac('sha256', secret)),
      hs256Text: under({ alg: 'HS256' }, hmac('sha256', door.key.x)),
      hs512: under({ alg: 'HS512' }, hmac('sha512', secret)),
      es256: under({ alg: 'ES256' }, ecdsa),
      rs256: headed({ alg: 'RS256' }),
      eddsa: headed({ alg: 'EdDSA' }),
      lowerCase: headed({ alg: 'ed25519' }),
      unknown: headed({ alg: 'X' }),
    };
    const told = await door.refusals(spoilt);
    expect(told).toEqual(each(Object.keys(spoilt), () => '401 algorithm /header/alg'));
    const unsigned = { empty: under({}, () => Buffer.alloc(0)), hmacOnly: under({}, hmac('sha256', secret)) };
    expect(new Set(Object.values(await door.refusals(unsigned)))).toEqual(new Set(['401 signature_invalid']));
  });

  test('S5 a header that points elsewhere, a kid with a path or SQL: 401 at once, no call', async () => {
    let calls = 0;
    const host = createServer((_request, response) => {
      calls += 1;
      response.end('{"keys":[]}');
    }).on('connection', () => (calls += 1));
    await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/keys`;
    const { kty, crv, x } = door.key;
    const headers: Record<string, Record<string, unknown>> = {
      ...{ jku: { jku: url }, x5u: { x5u: url }, jwk: { jwk: { kty, crv, x } }, x5c: { x5c: ['MIIB'] } },
      ...{ crit: { crit: ['exp'], exp: 1 }, unencoded: { crit: ['b64'], b64: false }, b64: { b64: true } },
      ...{
        path: { kid: '../../../../etc/passwd' },
        url: { kid: url },
        memberPath: { kid: 'abc-bank:../../keys' },
      },
      ...{ sql: { kid: "abc-bank' OR '1'='1" }, union: { kid: "abc-bank:' UNION SELECT 1 --" } },
      ...{
        nul: { kid: 'abc-bank:\u0001' },
        proto: { kid: '__proto__' },
        stranger: { kid: `abc-bank:${'A'.repeat(43)}` },
      },
    };
    const spoilt = Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [name, headed(header)]),
    );
    const refused = Object.entries(await door.refusals(spoilt));
    const wrong = refused.filter(
      ([, how]) => !/^401 (header_not_permitted|key_unknown) \/header\//.test(how),
    );
    expect(wrong).toEqual([]);
    const slow = await Promise.all(Object.entries(spoilt).map(([name, jws]) => fastest(name, jws)));
    expect(slow.filter(({ ms }) => ms >= 50)).toEqual([]);
    expect(calls).toBe(0);
    await new Promise((resolve) => host.close(resolve));
  });

  /** The machine may be busy; the refusal itself is not slow if one of a few is fast. */
  async function fastest(name: string, jws: string): Promise<{ name: string; ms: number }> {
    let ms = Infinity;
    for (let tries = 0; tries < 5; tries += 1) ms = Math.min(ms, (await door.send(jws)).ms);
    return { name, ms };
  }
});
