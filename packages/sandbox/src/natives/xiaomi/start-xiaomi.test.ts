import { decodeStrict, type CreditRecord } from '@causeway/records';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { sandboxSubject } from '../../people/persons.ts';
import { startXiaomi, type XiaomiSystem } from './start-xiaomi.ts';

const subject = sandboxSubject('li-na');
const envelope = { source_record_id: 'x', as_of: '2019-06-30' };
const records: CreditRecord[] = [
  {
    ...envelope,
    record: 'score',
    record_id: 's',
    category: 'SCORE',
    model: 'xiaomi-mix',
    value: 712,
    min: 300,
    max: 850,
    direction: 'higher_safer',
  },
  {
    ...envelope,
    record: 'account',
    record_id: 'a',
    category: 'ACCOUNT_SUMMARY',
    account_ref: 'L-1',
    type: 'term',
    currency: 'CNY',
    status: 'normal',
    opened: '2018-03-01',
    due: '2019-07-01',
    original: '1500000',
    balance: '800000',
    native_ext: { terms: '[3,6]' },
  },
];
const right = {
  partnerId: 'causeway',
  reqNo: 'r-1',
  ts: '1561910400000',
  ver: '1.0',
  data: btoa(JSON.stringify({ idType: '01', id: subject.identifier.value })),
};

let system: XiaomiSystem;
beforeAll(async () => {
  system = await startXiaomi([{ subject, records }]);
});
afterAll(() => system.stop());

async function post(fields: Record<string, string>, key = 'not-a-secret-of-anybody') {
  const names = Object.keys(fields).sort();
  const text = names.map((name) => `${name}=${fields[name]}&`).join('') + key;
  const sign = createHash('md5').update(text).digest('hex').toUpperCase();
  const response = await fetch(`${String(system.settings['url'])}/openapi/credit/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=GBK' },
    body: new URLSearchParams({ ...fields, sign }).toString(),
  });
  const reply = decodeStrict(new Uint8Array(await response.arrayBuffer()), 'gbk');
  return JSON.parse(reply) as { retCode: string; retMsg: string; data?: string };
}

test('a holding is told in fen and yuan, three kinds of days, and an array as a text', async () => {
  const reply = await post(right);
  expect(reply).toMatchObject({ retCode: '0000', retMsg: '成功' });
  const data: unknown = JSON.parse(decodeStrict(Buffer.from(reply.data ?? '', 'base64'), 'gbk'));
  expect(data).toMatchObject({
    uid: 'XM0000000001',
    mixScore: 712,
    scoreDate: '20190630',
    loans: [
      {
        loanNo: 'L-1',
        amt: 1_500_000,
        bal: '8000.00',
        openDt: '2018/03/01',
        dueDt: 1_561_910_400_000,
        terms: '[3,6]',
        sts: 'N',
        maxOvdDays: 0,
      },
    ],
  });
});

test.each([
  ['another key', '1001', right, 'another key'],
  ['another partner', '1002', { ...right, partnerId: 'somebody' }, undefined],
  ['a field less', '1002', { ...right, ver: '' }, undefined],
  ['a field more', '1002', { ...right, limit: '1' }, undefined],
  ['seconds for milliseconds', '1002', { ...right, ts: '1561910400' }, undefined],
  ['data that are no JSON', '1002', { ...right, data: 'e3s=' }, undefined],
  ['a person who is not there', '2001', { ...right, reqNo: 'r-2', data: btoa('{"uid":"XM2"}') }, undefined],
])('%s is answered with %s, and no data', async (_what, code, fields, key) => {
  const reply = await post(fields, key);
  expect(reply.retCode).toBe(code);
  expect(reply).not.toHaveProperty('data');
});

test('a question without the content type is none', async () => {
  const url = `${String(system.settings['url'])}/openapi/credit/query`;
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(404);
});
