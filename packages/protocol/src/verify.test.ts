import { describe, expect, it } from 'vitest';
import { chain, disclosureClaims, examples, flip, grantClaims, inquiryClaims } from './chain.fixture.ts';
import { CausewayError } from './errors.ts';
import {
  context,
  directoryWith,
  entryOf,
  fed,
  federation,
  keyOf,
  memberKey,
  newKey,
  now,
  signAs,
  signRaw,
} from './federation.fixture.ts';
import { addressedTypes, claims, header, inquiryTo, memberTypes, raw, types } from './inquiry.fixture.ts';
import { kidOf } from './keys.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { sign } from './sign.ts';
import { readUnverified, verify } from './verify.ts';

describe('a good statement', () => {
  it.each(memberTypes)('%s verifies and keeps its digest', (type) => {
    const { signed, to } = examples[type];
    const verified = verify(type, signed.jws, context(to));
    expect(verified.claims).toEqual(signed.claims);
    expect(verified.digest).toBe(signed.digest);
    expect(verified.jws).toBe(signed.jws);
  });

  it('does not serialise anything beside itself', () => {
    expect(Object.keys(inquiryTo(chain.inquiry.jws))).toEqual(['type', 'claims', 'digest', 'jws', 'kid']);
  });
});

describe('S3 verified over the received bytes', () => {
  it('S3 one byte flipped anywhere is refused', () => {
    const jws = chain.inquiry.jws;
    for (const part of [0, 1, 2] as const) {
      const length = Buffer.from(jws.split('.')[part] ?? '', 'base64url').length;
      for (let at = 0; at < length; at += 1)
        expect(() => inquiryTo(flip(jws, part, at))).toThrow(CausewayError);
    }
  });

  it('S3 the same claims written again do not carry the signature over', () => {
    const [top, payload, signature] = chain.inquiry.jws.split('.');
    const text = Buffer.from(payload ?? '', 'base64url').toString();
    for (const other of [JSON.stringify(JSON.parse(text), null, 1), text.replace('"v":1', '"v":1.0')]) {
      const jws = `${top}.${Buffer.from(other).toString('base64url')}.${signature}`;
      expect(codeOf(() => inquiryTo(jws))).toBe('signature_invalid');
    }
  });

  it('S3 a duplicate key is refused under a good signature', () => {
    const text = JSON.stringify(claims);
    expect(codeOf(() => inquiryTo(raw(text.replace('{', '{"aud":"lotus",'))))).toBe('statement_malformed');
    expect(codeOf(() => inquiryTo(raw(text.replace('{', '{"\\u0061ud":"broker",'))))).toBe(
      'statement_malformed',
    );
  });

  it('S3 a signature found good once counts for nothing under another or a revoked key', () => {
    const { jws } = chain.inquiry;
    const ctx = context('broker');
    const { kid } = verify('inquiry', jws, ctx);
    const entry = ctx.keys(kid);
    if (entry === undefined) throw new Error('the fixture has the key');
    const under = (change: Partial<typeof entry>) =>
      codeOf(() => verify('inquiry', jws, { ...ctx, keys: () => ({ ...entry, ...change }) }));
    expect(under({ jwk: newKey('abc-bank').jwk })).toBe('signature_invalid');
    expect(under({ revoked_at: now })).toBe('key_revoked');
    expect(under({ use: ['grant'] })).toBe('key_use');
  });

  it('S3 nothing is parsed before the signature holds', () => {
    const [top, , signature] = chain.inquiry.jws.split('.');
    const jws = `${top}.${Buffer.from('{{{').toString('base64url')}.${signature}`;
    expect(codeOf(() => inquiryTo(jws))).toBe('signature_invalid');
  });
});

describe('S4 the type decides', () => {
  const pairs = types.flatMap((shown) =>
    types.filter((asked) => asked !== shown).map((asked) => [shown, asked]),
  );
  it.each(pairs)('S4 a %s shown as a %s is refused', (shown, asked) => {
    const { jws } = examples[shown].signed;
    const { code, pointer } = refusal(() => verify(asked, jws, context('any')));
    expect({ code, pointer }).toEqual({ code: 'statement_type', pointer: '/header/typ' });
  });

  it.each(['JWT', 'at+jwt', 'dpop+jwt', 'causeway-inquiry', 'CAUSEWAY-INQUIRY+JWS', ''])(
    'S4 typ %j is refused',
    (typ) => expect(codeOf(() => inquiryTo(raw(claims, { ...header, typ })))).toBe('statement_type'),
  );
});

describe('S5 the key decides the algorithm, and only the directory has keys', () => {
  it.each(['none', 'HS256', 'ES256', 'EdDSA', 'RS256', 'ed25519', ''])('S5 alg %j is refused', (alg) => {
    expect(codeOf(() => inquiryTo(raw(claims, { ...header, alg })))).toBe('algorithm');
  });

  it.each([
    ['jku', 'https://evil.example/keys'],
    ['x5u', 'https://evil.example/cert'],
    ['jwk', keyOf('abc-bank').jwk],
    ['crit', ['b64']],
    ['b64', false],
    ['cty', 'JWT'],
  ])('S5 a header with %s is refused', (name, value) => {
    const { code, pointer } = refusal(() => inquiryTo(raw(claims, { ...header, [name]: value })));
    expect({ code, pointer }).toEqual({ code: 'header_not_permitted', pointer: `/header/${name}` });
  });

  it.each([
    '../../etc/passwd',
    "abc-bank' OR '1'='1",
    'https://evil.example/key',
    'abc-bank',
    `abc-bank:${'A'.repeat(43)}`,
    `evergreen:${keyOf('abc-bank').kid.split(':')[1] ?? ''}`,
    '__proto__',
    '',
  ])('S5 kid %j is refused', (kid) => {
    expect(codeOf(() => inquiryTo(raw(claims, { ...header, kid })))).toBe('key_unknown');
  });

  it('S5 a kid that is none is not even looked up', () => {
    const keys = () => {
      throw new Error('was looked up');
    };
    expect(codeOf(() => inquiryTo(raw(claims, { ...header, kid: '../../x' }), { keys }))).toBe('key_unknown');
  });

  it('S5 a header with a duplicate or a wrong member is refused', () => {
    const part = (text: string) => Buffer.from(text).toString('base64url');
    const [, payload, signature] = chain.inquiry.jws.split('.');
    for (const text of [`{"alg":"none",${JSON.stringify(header).slice(1)}`, '[]', 'null', '"x"']) {
      expect(() => inquiryTo(`${part(text)}.${payload}.${signature}`)).toThrow(CausewayError);
    }
    expect(codeOf(() => inquiryTo(raw(claims, { ...header, kid: 7 })))).toBe('header_not_permitted');
  });
});

describe('S6 time', () => {
  const at = (iat: number, change: Partial<typeof inquiryClaims> = {}) =>
    signAs('abc-bank', 'inquiry', { ...inquiryClaims, iat, exp: now + 300, deadline: now + 200, ...change })
      .jws;

  it.each([-60, -10, 0, 10, 60])('S6 first receipt with iat %i s from now is accepted', (offset) => {
    expect(inquiryTo(at(now + offset)).claims.iat).toBe(now + offset);
  });

  it.each([-3600, -61, 61, 3600])('S6 first receipt with iat %i s from now is refused', (offset) => {
    const change = { exp: now + 5000, deadline: now + 4000 };
    const { code, pointer } = refusal(() => inquiryTo(at(now + offset, change)));
    expect({ code, pointer }).toEqual({ code: 'time_window', pointer: '/iat' });
  });

  it.each([-2, 2])('S6 a grant %i s from now is accepted', (offset) => {
    const { jws } = signAs('consumer', 'grant', {
      ...grantClaims,
      iat: now + offset,
      exp: now + offset + 15,
    });
    expect(verify('grant', jws, context('central')).claims.iat).toBe(now + offset);
  });

  it.each([-3, 3])('S6 a grant %i s from now is refused', (offset) => {
    const { jws } = signAs('consumer', 'grant', {
      ...grantClaims,
      iat: now + offset,
      exp: now + offset + 15,
    });
    expect(codeOf(() => verify('grant', jws, context('central')))).toBe('time_window');
  });

  it.each([
    [599, 'accepted'],
    [600, 'accepted'],
    [601, 'time_window'],
  ])('S6 a consent composed %i s ago: %s', (age, code) => {
    const nowMs = (now + age) * 1000;
    expect(codeOf(() => verify('consent', chain.consent.jws, context('abc-bank', { nowMs })))).toBe(code);
  });

  it('S6 S39 a forwarded statement is judged by exp, exactly', () => {
    const exp = chain.inquiry.claims.exp;
    const forwarded = (nowMs: number) => inquiryTo(chain.inquiry.jws, { received: 'forwarded', nowMs });
    expect(forwarded((exp - 1) * 1000).claims.exp).toBe(exp);
    expect(forwarded(exp * 1000 - 1).claims.exp).toBe(exp);
    expect(codeOf(() => forwarded(exp * 1000))).toBe('expired');
  });

  it('S6 a grant lives 15 s, neither more nor less', () => {
    for (const exp of [now + 14, now + 16]) {
      expect(codeOf(() => signAs('consumer', 'grant', { ...grantClaims, exp }))).toBe('statement_malformed');
    }
  });

  it('S6 an inquiry outlives neither a day nor ends before its deadline', () => {
    const jws = (exp: number, deadline: number) => raw({ ...claims, exp, deadline });
    expect(refusal(() => inquiryTo(jws(now + 86_401, now + 10))).pointer).toBe('/exp');
    expect(refusal(() => inquiryTo(jws(now + 10, now + 11))).pointer).toBe('/exp');
    expect(refusal(() => inquiryTo(jws(now + 10, now))).pointer).toBe('/deadline');
  });
});

describe('S8 S10 S11 whose key it is', () => {
  it('S10 iss must own the key', () => {
    expect(codeOf(() => inquiryTo(raw({ ...claims, iss: 'evergreen' })))).toBe('issuer_mismatch');
  });

  it('S10 the expected issuer', () => {
    expect(inquiryTo(chain.inquiry.jws, { issuer: 'abc-bank' }).claims.iss).toBe('abc-bank');
    expect(codeOf(() => inquiryTo(chain.inquiry.jws, { issuer: 'evergreen' }))).toBe('issuer_mismatch');
  });

  const own = keyOf('abc-bank').jwk;
  const withKey = (times: Parameters<typeof memberKey>[2], use: readonly string[] = ['inquiry']) =>
    directoryWith([entryOf('abc-bank', { keys: [memberKey(own, use, times)] })]).view.keys;

  it.each([
    ['key_revoked', { revoked_at: now - 1 }],
    ['key_revoked', { revoked_at: now + 5 }],
    ['key_retired', { retired_at: now }],
    ['key_not_yet_valid', { from: now + 1 }],
  ] as const)('S11 %s', (code, times) => {
    expect(codeOf(() => inquiryTo(chain.inquiry.jws, { keys: withKey(times) }))).toBe(code);
  });

  it('S11 what a key signed before it was retired stays good', () => {
    expect(inquiryTo(chain.inquiry.jws, { keys: withKey({ retired_at: now + 1 }) }).claims.iss).toBe(
      'abc-bank',
    );
  });

  it('S11 an unknown key of a known member', () => {
    const key = newKey('abc-bank');
    const { jws } = sign('inquiry', inquiryClaims, {
      key,
      fed,
      clock: { now: () => now * 1000, monotonic: () => 0 },
      random: { bytes: (n) => new Uint8Array(n) },
    });
    expect(key.kid).toBe(kidOf('abc-bank', key.jwk));
    expect(codeOf(() => inquiryTo(jws))).toBe('key_unknown');
  });

  it('a key signs only what the directory lets it', () => {
    const keys = withKey({}, ['client-auth']);
    expect(codeOf(() => inquiryTo(chain.inquiry.jws, { keys }))).toBe('key_use');
    const forged = signRaw('abc-bank', 'grant', {
      payload: { ...chain.grant.claims, iss: 'abc-bank' },
    });
    expect(codeOf(() => verify('grant', forged, context('central')))).toBe('key_use');
  });

  it('S31 a suspended member', () => {
    const { keys } = directoryWith([entryOf('abc-bank', { status: 'suspended' })]).view;
    expect(codeOf(() => inquiryTo(chain.inquiry.jws, { keys }))).toBe('member_suspended');
  });
});

describe('S9 S14 for whom it is', () => {
  it.each(addressedTypes)('S9 a %s addressed to another is refused', (type) => {
    expect(codeOf(() => verify(type, examples[type].signed.jws, context('evergreen')))).toBe(
      'audience_mismatch',
    );
  });

  it('another federation', () => {
    expect(codeOf(() => inquiryTo(chain.inquiry.jws, { fed: 'production' }))).toBe('federation_mismatch');
  });

  it.each(['any', 'all'])('no member can be called %s', (aud) => {
    expect(codeOf(() => inquiryTo(raw({ ...claims, aud })))).toBe('statement_malformed');
  });
});

describe('S64 size and shape', () => {
  it.each([
    ['', 'statement_missing'],
    ['x', 'statement_malformed'],
    ['a.b', 'statement_malformed'],
    ['..', 'statement_malformed'],
    ['a.b.c.d', 'statement_malformed'],
    [`${chain.inquiry.jws}.x`, 'statement_malformed'],
    [` ${chain.inquiry.jws}`, 'statement_malformed'],
    [`${chain.inquiry.jws}\n`, 'statement_malformed'],
    [`${chain.inquiry.jws}=`, 'statement_malformed'],
    [chain.inquiry.jws.slice(0, -1), 'statement_malformed'],
    ['{"payload":"","signatures":[]}', 'statement_malformed'],
  ])('%j', (jws, code) => {
    expect(codeOf(() => inquiryTo(jws))).toBe(code);
  });

  it('S64 an oversize statement is refused before it is read', () => {
    expect(codeOf(() => inquiryTo('a'.repeat(65_537)))).toBe('body_too_large');
    expect(codeOf(() => inquiryTo(chain.inquiry.jws, { maxBytes: 100 }))).toBe('body_too_large');
  });

  it('S64 an unsigned signature', () => {
    const [top, payload] = chain.inquiry.jws.split('.');
    expect(codeOf(() => inquiryTo(`${top}.${payload}.`))).toBe('signature_invalid');
    expect(codeOf(() => inquiryTo(`${top}.${payload}.AAAA`))).toBe('signature_invalid');
  });

  it.each(['null', '[]', '"text"', '1', ''])('a signed payload of %j is refused', (payload) => {
    expect(() => inquiryTo(raw(payload))).toThrow(CausewayError);
  });
});

describe('sign', () => {
  it('refuses what no one would accept, naming the member', () => {
    const bad = { ...disclosureClaims, as_of: 'yesterday' };
    expect(refusal(() => signAs('central', 'disclosure', bad))).toMatchObject({
      code: 'statement_malformed',
      pointer: '/as_of',
    });
    const broken = { ...inquiryClaims, operator: '\ud800' };
    expect(codeOf(() => signAs('abc-bank', 'inquiry', broken))).toBe('statement_malformed');
  });

  it('never lets claims choose issuer, federation or salt', () => {
    const forged = { ...inquiryClaims, iss: 'evergreen', fed: 'production', salt: 'x' };
    const { claims: out } = signAs('abc-bank', 'inquiry', forged);
    expect(out).toMatchObject({ iss: 'abc-bank', fed });
    expect(out.salt).not.toBe('x');
  });

  it('readUnverified reads without any check', () => {
    const { header: top, claims: seen } = readUnverified(chain.inquiry.jws);
    expect(top.kid).toBe(keyOf('abc-bank').kid);
    expect(seen).toEqual(chain.inquiry.claims);
    expect(federation.view.keys(top.kid)?.member).toBe('abc-bank');
  });
});
