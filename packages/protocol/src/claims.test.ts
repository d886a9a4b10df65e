import { describe, expect, it } from 'vitest';
import { account, chain, examples } from './chain.fixture.ts';
import { context, signRaw } from './federation.fixture.ts';
import { claims, header, inquiryTo, memberTypes, raw } from './inquiry.fixture.ts';
import { codeOf, refusal } from './refusal.fixture.ts';
import { verify } from './verify.ts';

describe('S2 what must be there is demanded by the receiver', () => {
  it.each(['typ', 'alg', 'kid'])('S2 header without %s', (name) => {
    const left = Object.fromEntries(Object.entries(header).filter(([key]) => key !== name));
    const { code, pointer, detail } = refusal(() => inquiryTo(raw(claims, left)));
    expect({ code, pointer }).toEqual({ code: 'header_not_permitted', pointer: `/header/${name}` });
    expect(detail).toContain(name);
  });

  describe.each(memberTypes)('S2 %s without', (type) => {
    const { signed, by, to } = examples[type];
    const optional = new Set(['consent', 'basis', 'frequency', 'supersedes', 'replaces']);
    const required = Object.keys(signed.claims).filter((name) => type === 'consent' || !optional.has(name));
    it.each(required)('S2 %s is refused by its name', (name) => {
      const payload = Object.fromEntries(Object.entries(signed.claims).filter(([key]) => key !== name));
      const { code, pointer, detail } = refusal(() =>
        verify(type, signRaw(by, type, { payload }), context(to)),
      );
      expect({ code, pointer }).toEqual({ code: 'statement_malformed', pointer: `/${name}` });
      expect(detail).toBe(`/${name} is missing.`);
    });
  });

  it('S2 an inquiry with neither consent nor basis, and with both', () => {
    const basis = { code: 'POST_LOAN', cited: chain.inquiry.digest };
    const { consent: _, ...none } = claims;
    expect(refusal(() => inquiryTo(raw(none))).pointer).toBe('/consent');
    expect(refusal(() => inquiryTo(raw({ ...claims, basis }))).pointer).toBe('/consent');
    expect(inquiryTo(raw({ ...none, basis })).claims.basis).toEqual(basis);
  });

  it('S2 an unknown member is refused by its name, at any depth', () => {
    expect(refusal(() => inquiryTo(raw({ ...claims, note: 'x' }))).pointer).toBe('/note');
    const records = [{ ...account, phone: '1' }];
    const { aud: _, ...rest } = chain.disclosure.claims;
    const jws = signRaw('central', 'disclosure', { payload: { aud: 'abc-bank', ...rest, records } });
    expect(codeOf(() => verify('disclosure', jws, context('abc-bank')))).toBe('statement_malformed');
  });

  it('S2 the name of an unknown member is repeated only where it looks like a name', () => {
    expect(refusal(() => inquiryTo(raw({ ...claims, '<b>張三</b>': 1 }))).pointer).toBe('/?');
  });

  it.each([
    ['exp', '1795000000'],
    ['iat', 1.5],
    ['categories', 'ACCOUNT_SUMMARY'],
    ['categories', []],
    ['categories', ['ACCOUNT_SUMMARY', 'ACCOUNT_SUMMARY']],
    ['categories', ['LOCATION']],
    ['purpose', 'GOSSIP'],
    ['jti', 'not-a-uuid'],
    ['salt', 'AAAAAAAAAAAAAAAAAAAAAB'],
    ['subject_ref', '110101199001011234'],
    ['aud', ['broker']],
    ['operator', ''],
    ['consent', null],
  ])('S2 %s as %j is refused', (name, value) => {
    expect(codeOf(() => inquiryTo(raw({ ...claims, [name]: value })))).toBe('statement_malformed');
  });

  it.each([0, 2, 99])('version %i is refused as a version', (v) => {
    expect(codeOf(() => inquiryTo(raw({ ...claims, v })))).toBe('statement_version');
  });
});
