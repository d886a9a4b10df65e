import { generateKeyPairSync } from 'node:crypto';

import type { Category } from '@causeway/records';
import { startZhima } from '@causeway/sandbox/natives/zhima/start-zhima';
import type { ZhimaSystem } from '@causeway/sandbox/natives/zhima/start-zhima';
import { noQuirks } from '@causeway/sandbox/natives/zhima/zhima-quirks';
import { ConfigError } from '@causeway/service/config-error';
import { Check } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { transactionId } from './gateway.ts';
import { ZhimaSettingsSchema } from './settings.ts';
import { faultOf, handClock, holdings, moment, open, subjectOf } from './zhima.fixture.ts';

let system: ZhimaSystem;

beforeAll(async () => {
  system = await startZhima({ holdings });
});
afterAll(async () => await system.stop());
beforeEach(() => void Object.assign(system.quirks, noQuirks));

/** The methods that a question led to. */
async function asked(id: string, categories: Category[], authorised = true): Promise<string[]> {
  const before = system.asked().length;
  await open(system.settings).find(subjectOf(system.roster, id, authorised), categories, moment());
  return system.asked().slice(before).toSorted();
}

describe('only what was granted is asked for', () => {
  test.each<[string, Category[], boolean, string[]]>([
    ['li-na', ['SCORE'], true, ['zhima.credit.score.get']],
    ['li-na', ['WATCHLIST'], true, ['zhima.credit.watchlistii.get']],
    ['li-na', ['SCORE', 'WATCHLIST'], true, ['zhima.credit.score.get', 'zhima.credit.watchlistii.get']],
    ['li-na', ['SCORE', 'SCORE'], true, ['zhima.credit.score.get']],
    ['li-na', ['SCORE'], false, ['zhima.credit.score.brief.get']],
    ['li-na', ['WATCHLIST'], false, ['zhima.credit.watchlist.brief.get']],
    ['pingshan-trading', ['SCORE', 'WATCHLIST'], true, ['zhima.credit.ep.score.get']],
  ])('%s, %j, authorised %j', async (id, categories, authorised, methods) => {
    expect(await asked(id, categories, authorised)).toEqual(methods);
  });

  test('for a category that Zhima has nothing of nothing is asked, and nothing charged', async () => {
    const before = system.charged();
    expect(await asked('li-na', ['ACCOUNT_DETAIL', 'INQUIRY', 'EMPLOYMENT'])).toEqual([]);
    expect(system.charged()).toBe(before);
  });

  test('an enterprise without an authorisation is not asked for', async () => {
    const before = system.asked().length;
    const firm = subjectOf(system.roster, 'pingshan-trading', false);
    const fault = await faultOf(open(system.settings).find(firm, ['SCORE'], moment()));
    expect([fault.faultClass, fault.code]).toEqual(['consent_invalid', 'not_authorised']);
    expect(system.asked()).toHaveLength(before);
  });

  test('without a threshold in the settings nobody’s brief score is asked for', async () => {
    const { admittance_score: _, ...settings } = system.settings;
    const before = system.asked().length;
    const person = subjectOf(system.roster, 'li-na', false);
    expect((await faultOf(open(settings).find(person, ['SCORE'], moment()))).faultClass).toBe(
      'consent_invalid',
    );
    expect(system.asked()).toHaveLength(before);
  });

  test('without authorisation and name there is no question', async () => {
    const { identifier } = subjectOf(system.roster, 'li-na');
    const question = open(system.settings).find({ identifier }, ['WATCHLIST'], moment());
    expect((await faultOf(question)).faultClass).toBe('bad_request');
  });

  test('one method that fails fails the whole answer, for a part would look like all of it', async () => {
    system.quirks.rewriteInner = (inner) => inner.replace('"is_matched"', '"is_Matched"');
    const person = subjectOf(system.roster, 'zhou-late');
    const fault = await faultOf(open(system.settings).find(person, ['SCORE', 'WATCHLIST'], moment()));
    expect(fault.faultClass).toBe('upstream_error');
  });
});

describe('transaction numbers', () => {
  test('are 64 characters, one per inquiry and method, and tell nothing of either', () => {
    const { inquiry } = moment();
    const id = transactionId(inquiry, 'zhima.credit.score.get');
    expect(id).toMatch(/^[0-9a-f]{64}$/u);
    expect(transactionId(inquiry, 'zhima.credit.score.get')).toBe(id);
    expect(transactionId(inquiry, 'zhima.credit.watchlistii.get')).not.toBe(id);
    expect(transactionId(moment().inquiry, 'zhima.credit.score.get')).not.toBe(id);
  });
});

describe('health', () => {
  test('tells how the last question ended, without asking one', async () => {
    const clock = handClock();
    const source = open(system.settings, clock);
    const person = subjectOf(system.roster, 'li-na');
    const before = system.charged();
    expect(await source.health()).toEqual({ ok: true, detail: 'Nothing has been asked yet.' });
    expect(system.charged()).toBe(before);
    await source.find(person, ['SCORE'], moment());
    clock.ms += 5000;
    expect(await source.health()).toEqual({ ok: true, detail: 'The last question was answered 5 s ago.' });
    system.quirks.error = { code: '20000', subCode: 'isp.unknow-error' };
    await faultOf(source.find(person, ['SCORE'], moment()));
    expect(await source.health()).toMatchObject({ ok: false });
    system.quirks.error = { code: '20001', subCode: 'aop.auth-token-time-out' };
    await faultOf(source.find(person, ['SCORE'], moment()));
    expect(await source.health()).toMatchObject({ ok: true });
    await source.close();
  });
});

describe('settings', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const pem = (key: typeof weak): string => String(key.export({ type: 'pkcs8', format: 'pem' }));

  test('those of the simulator are of the schema', () => {
    expect(Check(ZhimaSettingsSchema, system.settings)).toBe(true);
  });

  test.each<[string, object]>([
    ['another source', { source: 'tencent' }],
    ['an unknown member', { extra: 'x' }],
    ['no url', { url: undefined }],
    ['plain HTTP to another machine', { url: 'http://openapi.example/gateway.do' }],
    ['a machine that only begins like this one', { url: 'http://localhost.example/gateway.do' }],
    ['a password in the url', { url: 'https://me:secret@openapi.example/gateway.do' }],
    ['a url that is none', { url: 'gateway.do' }],
    ['a key that is none', { app_private_key: 'x'.repeat(100) }],
    ['a weak key', { app_private_key: pem(weak) }],
    ['a key of another kind', { app_private_key: pem(curve) }],
    ['another charset', { charset: 'gb2312' }],
    ['a short cipher key', { aes_key: 'AAAA' }],
    ['a threshold that no score reaches', { admittance_score: 951 }],
    ['no patience', { timeout_ms: 1 }],
  ])('%s is refused, and no value repeated', (_what, change) => {
    const settings = { ...system.settings, ...change };
    expect(() => open(settings)).toThrow(ConfigError);
    expect(() => open(settings)).not.toThrow(/secret|PRIVATE KEY/u);
  });
});
