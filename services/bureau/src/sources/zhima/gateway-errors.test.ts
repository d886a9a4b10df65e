import { startZhima } from '@causeway/sandbox/natives/zhima/start-zhima';
import type { ZhimaSystem } from '@causeway/sandbox/natives/zhima/start-zhima';
import { noQuirks } from '@causeway/sandbox/natives/zhima/zhima-quirks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Finding } from '../source.ts';
import { faultOf, holdings, impostor, moment, open, subjectOf } from './zhima.fixture.ts';

let system: ZhimaSystem;

beforeAll(async () => {
  system = await startZhima({ holdings });
});
afterAll(async () => await system.stop());
beforeEach(() => void Object.assign(system.quirks, noQuirks));

const ask = async (settings: object = {}): Promise<Finding> =>
  await open({ ...system.settings, ...settings }).find(
    subjectOf(system.roster, 'li-na'),
    ['SCORE'],
    moment(),
  );

describe('every code of the gateway comes with HTTP 200 and is one canonical fault', () => {
  test.each([
    ['20000', 'isp.unknow-error', 'upstream_unavailable'],
    ['20000', 'aop.unknow-error', 'upstream_unavailable'],
    ['20000', 'something-else', 'upstream_unavailable'],
    ['20001', 'aop.invalid-auth-token', 'consent_invalid'],
    ['20001', 'aop.auth-token-time-out', 'consent_invalid'],
    ['20001', 'aop.invalid-app-auth-token', 'not_authorised'],
    ['20001', 'aop.invalid-app-auth-token-no-api', 'not_authorised'],
    ['20001', 'aop.app-auth-token-time-out', 'not_authorised'],
    ['20001', 'aop.no-product-reg-by-partner', 'not_authorised'],
    ['20001', 'something-else', 'not_authorised'],
    ['40001', 'isv.missing-method', 'bad_request'],
    ['40001', 'isv.missing-app-id', 'bad_request'],
    ['40001', 'isv.missing-signature', 'signature_invalid'],
    ['40001', 'isv.missing-signature-key', 'signature_invalid'],
    ['40002', 'isv.invalid-parameter', 'bad_request'],
    ['40002', 'isv.invalid-timestamp', 'bad_request'],
    ['40002', 'isv.invalid-charset', 'bad_request'],
    ['40002', 'isv.invalid-encrypt', 'bad_request'],
    ['40002', 'isv.invalid-method', 'bad_request'],
    ['40002', 'isv.invalid-signature', 'signature_invalid'],
    ['40002', 'isv.invalid-signature-type', 'signature_invalid'],
    ['40002', 'isv.missing-signature-config', 'signature_invalid'],
    ['40002', 'isv.invalid-app-id', 'not_authorised'],
    ['40002', 'isv.suspected-attack', 'not_authorised'],
    ['40003', 'isv.something', 'not_authorised'],
    ['40004', 'ZMCREDIT.USER_NOT_AUTHORIZED', 'consent_invalid'],
    ['40004', 'AUTHORIZATION_EXPIRED', 'consent_invalid'],
    ['40004', 'AUTHENTICATION_FAIL', 'not_authorised'],
    ['40004', 'PRODUCT_NOT_SIGNED', 'not_authorised'],
    ['40004', 'PARAM_ILLEGAL', 'bad_request'],
    ['40004', 'TRANSACTION_EXPIRED', 'bad_request'],
    ['40004', 'OVER_LIMIT', 'rate_limited'],
    ['40004', 'DATA_INCOMPLETE', 'partial'],
    ['40004', 'SYSTEM_ERROR', 'upstream_unavailable'],
    ['40004', 'SOMETHING_NEW', 'upstream_error'],
    ['40004', 'constructor', 'upstream_error'],
    ['40005', 'isv.app-call-limited', 'rate_limited'],
    ['40005', 'isv.method-call-limited', 'rate_limited'],
    ['40006', 'isv.insufficient-isv-permissions', 'not_authorised'],
    ['40006', 'isv.insufficient-user-permissions', 'not_authorised'],
    ['99999', 'whatever', 'upstream_error'],
    ['__proto__', 'whatever', 'upstream_error'],
    ['', '', 'upstream_error'],
  ])('%s %s is %s', async (code, subCode, faultClass) => {
    const charged = system.charged();
    for (const signature of ['raw', 'missing'] as const) {
      Object.assign(system.quirks, { error: { code, subCode }, signature });
      expect((await faultOf(ask())).faultClass).toBe(faultClass);
    }
    expect(system.charged()).toBe(charged);
  });

  test.each(['USER_NOT_EXIST', 'ZMCREDIT.USER_NOT_EXIST', 'IDENTITY_NOT_MATCH'])(
    '40004 %s is a finding: not known, and no record',
    async (subCode) => {
      system.quirks.error = { code: '40004', subCode };
      expect(await ask()).toEqual({ known: false, records: [], notes: [] });
    },
  );

  test('not known is believed only under a signature', async () => {
    Object.assign(system.quirks, {
      error: { code: '40004', subCode: 'USER_NOT_EXIST' },
      signature: 'missing',
    });
    expect((await faultOf(ask())).faultClass).toBe('signature_invalid');
  });

  test('success with a sub-code is no success', async () => {
    system.quirks.rewriteInner = (inner) => inner.replace('{', '{"sub_code":"isv.x",');
    expect((await faultOf(ask())).faultClass).toBe('upstream_error');
  });

  test('a text where a code should be is not repeated', async () => {
    system.quirks.error = { code: '40004', subCode: '张三 13800000000' };
    const fault = await faultOf(ask());
    expect([fault.native, fault.internal]).not.toContain('张三');
    expect(fault.native).toBe('40004 ?');
  });
});

describe('what the gateway itself refuses', () => {
  test('another application’s signature', async () => {
    const other = await startZhima({ holdings: [] });
    await other.stop();
    const fault = await faultOf(ask({ app_private_key: other.settings['app_private_key'] }));
    expect(fault.faultClass).toBe('signature_invalid');
  });

  test('an application that it does not know', async () => {
    expect((await faultOf(ask({ app_id: '1' }))).faultClass).toBe('not_authorised');
  });

  test('a token that it does not know is a consent that is not valid', async () => {
    const stranger = { ...subjectOf(system.roster, 'li-na'), handle: 'composeB-of-nobody' };
    const fault = await faultOf(open(system.settings).find(stranger, ['SCORE'], moment()));
    expect([fault.faultClass, fault.native]).toEqual(['consent_invalid', '20001 aop.invalid-auth-token']);
  });

  test('another name for a number is not known', async () => {
    const stranger = { ...subjectOf(system.roster, 'li-na', false), name: '李那' };
    const found = await open(system.settings).find(stranger, ['WATCHLIST'], moment());
    expect(found).toMatchObject({ known: false, records: [] });
  });
});

describe('what comes from something before the gateway', () => {
  test.each([
    [500, 'upstream_unavailable'],
    [503, 'upstream_unavailable'],
    [429, 'rate_limited'],
    [404, 'upstream_error'],
    [302, 'upstream_error'],
    [204, 'upstream_error'],
  ])('HTTP %i is %s', async (status, faultClass) => {
    const other = await impostor((_request, response) => {
      response.writeHead(status, { location: String(system.settings['url']) }).end();
    });
    const fault = await faultOf(ask({ url: other.url }));
    other.stop();
    expect(fault.faultClass).toBe(faultClass);
  });
});
