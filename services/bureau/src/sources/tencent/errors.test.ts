import { describe, expect, it } from 'vitest';

import { faultOf, liNa, moment, replying, scores, world } from './tencent.fixture.ts';

describe('a refusal with status 200', () => {
  it.each([
    ['AuthFailure', 'signature_invalid'],
    ['AuthFailure.Expired', 'signature_invalid'],
    ['AuthFailure.SignatureExpire', 'signature_invalid'],
    ['AuthFailure.SignatureFailure', 'signature_invalid'],
    ['AuthFailure.SecretIdNotFound', 'signature_invalid'],
    ['AuthFailure.CapSigError', 'signature_invalid'],
    ['AuthFailure.UnauthorizedOperation', 'not_authorised'],
    ['InvalidAction', 'bad_request'],
    ['InvalidParameter.ParamError', 'bad_request'],
    ['InvalidParameter.UrlError', 'bad_request'],
    ['InvalidParameter.VersionError', 'bad_request'],
    ['InvalidParameterValue.BadBody', 'bad_request'],
    ['InvalidParameterValue.BodyTooLarge', 'bad_request'],
    ['InvalidParameterValue.CapMisMatch', 'bad_request'],
    ['InvalidParameterValue.HttpMethodError', 'bad_request'],
    ['MissingParameter', 'bad_request'],
    ['NoSuchVersion', 'bad_request'],
    ['UnknownParameter', 'bad_request'],
    ['UnsupportedRegion', 'bad_request'],
    ['ResourceNotFound.InterfaceNotFound', 'bad_request'],
    ['LimitExceeded.FreqCnt', 'rate_limited'],
    ['LimitExceeded.IpFreqCnt', 'rate_limited'],
    ['LimitExceeded.KeyFreqCnt', 'rate_limited'],
    ['LimitExceeded.ReplayAttack', 'rate_limited'],
    ['RequestLimitExceeded', 'rate_limited'],
    ['ResourceUnavailable.PermissionDenied', 'not_authorised'],
    ['ResourceUnavailable', 'upstream_unavailable'],
    ['ServiceUnavailable', 'upstream_unavailable'],
    ['UnauthorizedOperation', 'not_authorised'],
    ['UnauthorizedOperation.AuthFailed', 'not_authorised'],
    ['InternalError', 'upstream_error'],
    ['InternalError.BackendLogicError', 'upstream_error'],
    ['InternalError.SignBackendError', 'upstream_error'],
    ['Something.NobodyKnows', 'upstream_error'],
    ['LimitExceededNot', 'upstream_error'],
  ])('%s is %s, and nothing is found', async (error, faultClass) => {
    const { source } = await world(undefined, { quirks: { error } });
    expect(await faultOf(source.find(liNa, scores, moment()))).toMatchObject({ faultClass, native: error });
  });

  it.each(['', 'a b', '李娜', 'A'.repeat(200), 'Error.990000199003070013.1.2', 7, null, {}])(
    'a code that looks like none, %j, is not repeated',
    async (Code) => {
      const { source, state } = await replying();
      state.reply = (response) => {
        response.end(JSON.stringify({ Response: { Error: { Code, Message: '李娜 990000199003070013' } } }));
      };
      const fault = await faultOf(source.find(liNa, scores, moment()));
      expect(fault).toMatchObject({ faultClass: 'upstream_error', native: undefined });
      expect(`${fault.message} ${fault.internal}`).not.toMatch(/李娜|9900001990/u);
    },
  );

  it('an error beside data is an error', async () => {
    const { source, state } = await replying();
    const Data = { Found: '1', RiskScore: '5', Code: '0' };
    const Response = { Data, Error: { Code: 'InternalError', Message: '' }, RequestId: 'abcd-1234' };
    state.reply = (response) => response.end(JSON.stringify({ Response }));
    expect((await faultOf(source.find(liNa, scores, moment()))).native).toBe('InternalError');
  });

  it.each([
    [{ Code: '1', CodeDesc: 'UnauthorizedOperation.AuthFailed' }, 'not_authorised'],
    [{ Code: 1, CodeDesc: 'busy' }, 'upstream_error'],
    [{ Code: '0', CodeDesc: 'InternalError' }, 'upstream_error'],
    [{ Code: null, CodeDesc: 'RequestLimitExceeded' }, 'rate_limited'],
  ])('a business code %j is a refusal, too', async (over, faultClass) => {
    const { source } = await world(undefined, { quirks: { over } });
    expect((await faultOf(source.find(liNa, ['WATCHLIST'], moment()))).faultClass).toBe(faultClass);
  });

  it('Data null says itself that there is no valid value', async () => {
    const { source, state } = await replying();
    const Response = { Data: null, RequestId: 'abcd-1234' };
    state.reply = (response) => response.end(JSON.stringify({ Response }));
    expect((await faultOf(source.find(liNa, scores, moment()))).faultClass).toBe('partial');
  });
});

describe('a status other than 200', () => {
  it.each([
    [301, 'upstream_error'],
    [401, 'upstream_error'],
    [404, 'upstream_error'],
    [429, 'rate_limited'],
    [500, 'upstream_unavailable'],
    [503, 'upstream_unavailable'],
  ])('%d is %s', async (status, faultClass) => {
    const { source, state } = await replying();
    state.reply = (response) => response.writeHead(status, { Location: '/elsewhere' }).end('{}');
    expect(await faultOf(source.find(liNa, scores, moment()))).toMatchObject({
      faultClass,
      native: String(status),
    });
  });
});
