import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import {
  faultOf,
  liNa,
  moment,
  nowMs,
  replying,
  scores,
  settingsOf,
  wholeFile,
  world,
} from './tencent.fixture.ts';

const number = liNa.identifier.value;

describe('what is asked', () => {
  it.each([
    ['plain', '0', number],
    ['md5', '1', createHash('md5').update(number).digest('hex')],
    ['sha256', '2', createHash('sha256').update(number).digest('hex')],
    ['sm3', '3', createHash('sm3').update(number).digest('hex')],
  ] as const)('a number written in %s finds its person', async (id_crypto, type, written) => {
    const { source, system } = await world(wholeFile, { settings: { id_crypto } });
    expect((await source.find(liNa, ['WATCHLIST'], moment())).known).toBe(true);
    const { BusinessSecurityData } = JSON.parse(system.asked[0]?.body ?? '') as Record<string, object>;
    expect(BusinessSecurityData).toEqual({
      CustomerUin: '100000000001',
      CustomerAppid: '1250000001',
      Scene: '1000',
      Authorization: '1',
      IdNumber: written,
      IdCryptoType: type,
      Name: liNa.name,
    });
    expect(JSON.stringify(system.asked).includes(number)).toBe(id_crypto === 'plain');
  });

  it.each([
    [['WATCHLIST'], ['GetAntiFraud']],
    [['SCORE'], ['GetAntiFraud', 'QueryCreditScore']],
    [['IDENTITY', 'ACCOUNT_DETAIL'], []],
    [[], []],
  ] as const)('for %j: %j', async (categories, actions) => {
    const { source, system } = await world();
    const { known } = await source.find(liNa, categories, moment());
    expect(known).toBe(true);
    expect(system.asked.map(({ action }) => action).toSorted()).toEqual(actions);
  });

  it('another name is nobody', async () => {
    const { source } = await world();
    const { known, records } = await source.find({ ...liNa, name: '李四' }, scores, moment());
    expect({ known, records }).toEqual({ known: false, records: [] });
  });

  it('nobody but a resident is asked for', async () => {
    const { source, system } = await world();
    const firm = { identifier: { scheme: 'gb32100', value: '91990000MA0000015Q' } } as const;
    expect(await source.find(firm, scores, moment())).toEqual({ known: false, records: [], notes: [] });
    expect(system.asked).toEqual([]);
  });
});

describe('the signature on the wire', () => {
  it('is good for the system, which computes it by itself', async () => {
    const { source, system } = await world();
    expect((await source.find(liNa, scores, moment())).known).toBe(true);
    const { authorization } = system.asked[0]?.headers ?? {};
    expect(authorization).toMatch(
      /2026-11-22\/af\/tc3_request, SignedHeaders=content-type;host;x-causeway-call;x-tc-action;x-tc-/u,
    );
  });

  it('is never twice the same: one subject twice in a second is no replay', async () => {
    const { source, system } = await world();
    const findings = await Promise.all([1, 2, 3].map(() => source.find(liNa, scores, moment())));
    expect(findings.map(({ records }) => records.length)).toEqual([4, 4, 4]);
    expect(new Set(system.asked.map(({ headers }) => headers['authorization'])).size).toBe(6);
  });

  it('sent again as it is, is a replay', async () => {
    const { source, system } = await world();
    await source.find(liNa, ['WATCHLIST'], moment());
    const { body = '', headers = {} } = system.asked[0] ?? {};
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve) => {
      const again = request(String(system.settings['url']), {
        method: 'POST',
        headers: { ...headers } as never,
      });
      again.on('response', (response) => response.setEncoding('utf8').on('data', resolve)).end(body);
    });
    expect(text).toContain('LimitExceeded.ReplayAttack');
  });

  it.each([
    ['a key that is not ours', { secret_key: 'another' }, 'AuthFailure.SignatureFailure'],
    ['an id that nobody has', { secret_id: 'another' }, 'AuthFailure.SecretIdNotFound'],
  ])('%s is refused', async (_what, settings, native) => {
    const { source } = await world(wholeFile, { settings });
    const fault = await faultOf(source.find(liNa, scores, moment()));
    expect(fault).toMatchObject({ faultClass: 'signature_invalid', native });
  });

  it.each([-301_000, 301_000])('a clock that is %d ms off is refused by name', async (offset) => {
    const { source } = await world();
    const fault = await faultOf(source.find(liNa, scores, moment({ nowMs: nowMs + offset })));
    expect(fault).toMatchObject({ faultClass: 'signature_invalid', native: 'AuthFailure.Expired' });
  });

  it('five minutes off is good enough', async () => {
    const { source } = await world();
    expect((await source.find(liNa, scores, moment({ nowMs: nowMs - 300_000 }))).known).toBe(true);
  });

  it('an agreement that does not hold is refused as such', async () => {
    const { source } = await world(wholeFile, { settings: { scene: '9' } });
    const fault = await faultOf(source.find(liNa, scores, moment()));
    expect(fault.faultClass).toBe('not_authorised');
  });
});

describe('the source as such', () => {
  it('is healthy where its key is good, and asks about nobody', async () => {
    const { source, system } = await world();
    expect(await source.health()).toEqual({ ok: true, detail: 'it answers to our key' });
    expect(system.asked.map(({ body }) => body).join()).not.toContain('IdNumber');
  });

  it('is not healthy where its key is not, or nobody answers', async () => {
    const { source, system } = await world(wholeFile, { settings: { secret_key: 'another' } });
    expect(await source.health()).toEqual({ ok: false, detail: 'asked about nobody: signature_invalid' });
    await system.stop();
    expect(await source.health()).toEqual({ ok: false, detail: 'asked about nobody: upstream_unavailable' });
  });

  it('asks nothing any more once it is closed, nor for a question that nobody waits for', async () => {
    const { source, system } = await world();
    const nobody = moment({ signal: AbortSignal.abort() });
    expect((await faultOf(source.find(liNa, scores, nobody))).faultClass).toBe('upstream_unavailable');
    await source.close();
    expect((await faultOf(source.find(liNa, scores, moment()))).faultClass).toBe('upstream_unavailable');
    expect(system.asked).toEqual([]);
  });
});

describe('two interfaces', () => {
  const yes = { Data: { Found: '1', RiskScore: '5', Score: '700' }, RequestId: 'abcd-1234' };
  const no = { Error: { Code: 'RequestLimitExceeded', Message: '' } };

  it.each(['GetAntiFraud', 'QueryCreditScore'])('if %s fails, nothing is found', async (failing) => {
    const { source, state } = await replying();
    state.reply = (response) => {
      const fails = response.req.headers['x-tc-action'] === failing;
      response.end(JSON.stringify({ Response: fails ? no : yes }));
    };
    expect((await faultOf(source.find(liNa, scores, moment()))).faultClass).toBe('rate_limited');
  });

  it('if one fails, the other is waited for no longer', async () => {
    const { source, state } = await replying();
    let closed = 0;
    state.reply = (response) => {
      response.on('close', () => (closed += 1));
      if (response.req.headers['x-tc-action'] === 'GetAntiFraud')
        response.end(JSON.stringify({ Response: no }));
    };
    expect((await faultOf(source.find(liNa, scores, moment()))).faultClass).toBe('rate_limited');
    await expect.poll(() => closed).toBe(2);
  });

  it('a person whom one of them knows is known', async () => {
    const { source } = await world(wholeFile.slice(0, 1));
    const { known, records } = await source.find(liNa, scores, moment());
    expect({ known, models: records.map((record) => 'model' in record && record.model) }).toEqual({
      known: true,
      models: ['tencent-credit'],
    });
  });
});

describe('the settings', () => {
  it.each([
    { url: 'http://af.example.com' },
    { url: 'http://127.0.0.1.example.com' },
    { url: 'http://localhost@example.com' },
    { url: 'https://example.com/path' },
    { url: 'ftp://127.0.0.1' },
    { host: 'a\r\nb' },
    { secret_key: 'two words' },
    { id_crypto: 'sha1' },
    { customer_uin: 'abc' },
    { risk_types: { seven: 'x' } },
    { source: 'xiaomi' },
    { more: true },
  ])('refuse %j', async (wrong) => {
    const { settings } = await world();
    expect(() => settingsOf({ ...settings, ...wrong })).toThrow('these are no settings');
  });
});
