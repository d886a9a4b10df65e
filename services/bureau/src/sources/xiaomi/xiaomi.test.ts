import { readRecord } from '@causeway/records';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';

import { requestNumber } from './question.ts';
import { XiaomiSettingsSchema } from './settings.ts';
import { canonical, holdingOf, inquiry, lina, moment, plainLoan, scored, world } from './xiaomi.fixture.ts';

const all = ['SCORE', 'ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'WATCHLIST'] as const;
const asOf = '2019-06-30';
const reqNo = requestNumber(inquiry);
const records = [scored(712, asOf, reqNo), ...canonical(plainLoan, asOf, reqNo)];
let here: Awaited<ReturnType<typeof world>>;

beforeEach(async () => {
  here = await world([holdingOf(records)]);
});
afterEach(async () => {
  await here.source.close();
  await here.system.stop();
});

const find = (subject = here.byHandle) => here.source.find(subject, all, moment());
/** Changes one member of the data before they are written. */
const changing = (change: (data: Record<string, unknown> & { loans: Record<string, unknown>[] }) => void) => {
  here.system.quirks.data = (json) => {
    const data = JSON.parse(json) as Record<string, unknown> & { loans: Record<string, unknown>[] };
    change(data);
    return JSON.stringify(data);
  };
};
const changingLoan = (members: object) =>
  changing(({ loans }) => void Object.assign(loans[0] ?? {}, members));
const accountNow = async () => (await find()).records.find(({ record }) => record === 'account');
/** What an asking comes to where it should be refused. */
const fault = (subject = here.byHandle): Promise<unknown> =>
  find(subject).then(
    () => 'found',
    (error: unknown) => error,
  );
const unreadable = { faultClass: 'upstream_error' };

test('a person is found by uid and by document, with the same records', async () => {
  expect((await find()).records).toEqual(records);
  const at = moment({ inquiry: inquiry.replace('4', '5') });
  const other = requestNumber(at.inquiry);
  const found = await here.source.find(here.byId, all, at);
  expect(found.records).toEqual([scored(712, asOf, other), ...canonical(plainLoan, asOf, other)]);
});

test('another question under the same request number is refused by the system', async () => {
  await find();
  await expect(find(here.byId)).rejects.toMatchObject({ faultClass: 'bad_request', native: '1002' });
});

test('every record of an answer may enter the exchange as it is', async () => {
  for (const record of (await find()).records) expect(readRecord(record, 'person')).toMatchObject({ record });
});

describe('each quirk of the format', () => {
  it('GBK: UTF-8 is refused where a byte is left over, and else harmless: no text is kept', async () => {
    here.system.quirks.utf8 = true;
    expect((await find()).records).toEqual(records);
    changing((data) => (data['devices'] = '设备们'));
    expect(await fault()).toMatchObject(unreadable);
    here.system.quirks.utf8 = false;
    expect((await find()).records).toEqual(records);
  });

  it('GBK: a name that it cannot write is left out of the question, and noted', async () => {
    const rare = sandboxSubject('rare-name');
    const { notes, known } = await find({ identifier: lina.identifier, name: rare.name });
    expect({ notes, known }).toEqual({
      known: true,
      notes: [
        { field: 'name', what: 'dropped' },
        { field: 'devices', what: 'dropped' },
      ],
    });
  });

  it.each(['\\n', ' ', '-', '='])(
    'base64 inside JSON: %j between its characters is refused',
    async (stray) => {
      here.system.quirks.bytes = (reply) => {
        const text = Buffer.from(reply).toString('latin1');
        return Buffer.from(text.replace(/"data":"(.{8})/u, `"data":"$1${stray}`), 'latin1');
      };
      expect(await fault()).toMatchObject(unreadable);
    },
  );

  it('MD5: a question under another key is refused by the system, and is our fault', async () => {
    const other = await world([holdingOf(records)], { key: 'another-key-of-nobody' });
    await expect(other.source.find(other.byId, all, moment())).rejects.toMatchObject({
      faultClass: 'signature_invalid',
      native: '1001',
      code: 'internal',
    });
    expect(other.system.asked).toEqual([]);
    await other.system.stop();
  });

  it('a retry is the same request, by its number; another inquiry is another', async () => {
    await here.source.find(here.byId, all, moment());
    await here.source.find(here.byId, all, moment({ nowMs: 1_561_910_499_999 }));
    await here.source.find(here.byId, all, moment({ inquiry: inquiry.replace('4', '5') }));
    const [first, again, other] = here.system.asked;
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('fen beside yuan: amt 1500000 and bal "8000.00" are both minor units', async () => {
    expect(await accountNow()).toMatchObject({ original: '1500000', balance: '800000' });
  });

  it.each([
    ['"8000.005"', '8000.005'],
    ['"8,000.00"', '8,000.00'],
    ['"8000"', '8000'],
    ['"-1.00"', '-1.00'],
    ['a number', 8000],
  ])('yuan as a text: bal %s is refused, nothing rounded', async (_what, bal) => {
    changingLoan({ bal });
    expect(await fault()).toMatchObject(unreadable);
  });

  it.each([
    ['1500000.5', 1_500_000.5],
    ['a text', '1500000'],
    ['more than is safe', 2 ** 53],
    ['below zero', -1],
  ])('fen as a number: amt %s is refused', async (_what, amt) => {
    changingLoan({ amt });
    expect(await fault()).toMatchObject(unreadable);
  });

  it('openDt with slashes: 2018/03/01 is a day, and 2018/02/30 and 2018-03-01 are refused', async () => {
    expect(await accountNow()).toMatchObject({ opened: '2018-03-01' });
    changingLoan({ openDt: '2018/02/30' });
    expect(await fault()).toMatchObject(unreadable);
    changingLoan({ openDt: '2018-03-01' });
    expect(await fault()).toMatchObject(unreadable);
  });

  it('dueDt in milliseconds: the day is the one in Shanghai', async () => {
    changingLoan({ dueDt: 1_561_910_400_000 });
    expect(await accountNow()).toMatchObject({ due: '2019-07-01' });
    changingLoan({ dueDt: 1_561_910_399_999 });
    expect(await accountNow()).toMatchObject({ due: '2019-06-30' });
  });

  it.each([1_561_910_400, -1, 9e15, '1561910400000'])('dueDt %s is refused', async (dueDt) => {
    changingLoan({ dueDt });
    expect(await fault()).toMatchObject(unreadable);
  });

  it('dueDt null: the day is absent with its reason, and not a zero', async () => {
    changingLoan({ dueDt: null });
    const account = await accountNow();
    expect(account).not.toHaveProperty('due');
    expect(account).toMatchObject({ absent: { due: 'not_reported' } });
  });

  it('terms as a text: several are kept as they are, one is the number of instalments', async () => {
    expect(await accountNow()).toMatchObject({ native_ext: { terms: '[3,6]' } });
    changingLoan({ terms: '[12]' });
    expect(await accountNow()).toMatchObject({ term_count: 12 });
  });

  it.each(['[3,6', '3,6', '[[3]]', '["3"]', '[0]', '[3.5]', ''])(
    'terms %j are left out and noted, the loan stays',
    async (terms) => {
      changingLoan({ terms });
      const finding = await find();
      expect(finding.notes).toContainEqual({ field: 'terms', what: 'unreadable' });
      expect(finding.records).toHaveLength(2);
      expect(JSON.stringify(finding.records)).not.toContain('terms');
    },
  );

  it.each([
    ['S', 'settled', 0],
    ['N', 'normal', 0],
    ['O', 'overdue', 0],
    ['W', 'bad_debt', 1],
  ])('sts %s is %s, with %i entries of the watch list', async (sts, status, entries) => {
    changingLoan({ sts });
    const { records: found } = await find();
    expect(found.find(({ record }) => record === 'account')).toMatchObject({
      status,
      native: { status: sts },
    });
    expect(found.filter(({ record }) => record === 'watchlist')).toHaveLength(entries);
  });

  it('sts X is refused: a debt of unknown state is not a debt in order', async () => {
    changingLoan({ sts: 'X' });
    expect(await fault()).toMatchObject(unreadable);
  });

  it('a loan that contradicts itself travels as it is, with a note', async () => {
    changingLoan({ sts: 'S' });
    expect((await find()).notes).toContainEqual({ field: 'bal', what: 'conflict' });
    changingLoan({ sts: 'O' });
    expect((await find()).notes).toContainEqual({ field: 'maxOvdDays', what: 'conflict' });
  });

  it('maxOvdDays is one figure, and no history of months is made from it', async () => {
    changingLoan({ maxOvdDays: 95 });
    const account = await accountNow();
    expect(account).toMatchObject({
      native_ext: { max_overdue_days: '95' },
      absent: { history: 'not_reported' },
    });
    expect(account).not.toHaveProperty('history');
  });

  it('devices are dropped, and the note names the field and no value', async () => {
    const finding = await find();
    expect(finding.notes).toEqual([{ field: 'devices', what: 'dropped' }]);
    expect(JSON.stringify(finding)).not.toMatch(/imei|8600000|红米|XM000/u);
  });

  it('scoreDate is the day of every record, and one that does not exist is refused', async () => {
    changing((data) => (data['scoreDate'] = '20200229'));
    expect((await find()).records.map(({ as_of }) => as_of)).toEqual(['2020-02-29', '2020-02-29']);
    changing((data) => (data['scoreDate'] = '20190229'));
    expect(await fault()).toMatchObject(unreadable);
  });

  it('the range is configured: 880 is a score up to 900, and left out with a note up to 850', async () => {
    changing((data) => (data['mixScore'] = 880));
    const narrow = await find();
    expect(narrow.notes).toContainEqual({ field: 'mixScore', what: 'unreadable' });
    expect(narrow.records.map(({ record }) => record)).toEqual(['account']);
    const wide = await world([holdingOf(records)], { score_range: { min: 300, max: 900 } });
    wide.system.quirks.data = here.system.quirks.data ?? String;
    const found = await wide.source.find(wide.byId, ['SCORE'], moment());
    expect(found.records[0]).toEqual(scored(880, asOf, reqNo, 900));
    await wide.system.stop();
  });

  it('mixScore null is a person who has no score, absent is none told, and neither is a zero', async () => {
    changing((data) => (data['mixScore'] = null));
    expect((await find()).records[0]).toEqual(scored(undefined, asOf, reqNo));
    changing((data) => delete data['mixScore']);
    expect((await find()).records.map(({ record }) => record)).toEqual(['account']);
  });
});

describe('each return code', () => {
  it('0000 without loans and score is a person who is known, and nothing more', async () => {
    changing((data) => {
      data.loans = [];
      delete data['mixScore'];
    });
    expect(await find()).toMatchObject({ known: true, records: [] });
  });

  it('2001 is a person who is not known, and no fault', async () => {
    const nobody = { identifier: sandboxSubject('zhao-nohit').identifier };
    expect(await find(nobody)).toEqual({ known: false, records: [], notes: [] });
  });

  it('2002 comes for a person who agreed to nothing there', async () => {
    const closed = await world([holdingOf(records)], {}, { unauthorised: ['li-na'] });
    await expect(closed.source.find(closed.byId, all, moment())).rejects.toMatchObject({
      faultClass: 'not_authorised',
      native: '2002',
    });
    expect(await closed.source.health()).toMatchObject({ ok: true });
    await closed.system.stop();
  });

  it.each([
    ['1001', 'signature_invalid', 'internal'],
    ['1002', 'bad_request', 'internal'],
    ['2002', 'not_authorised', 'not_authorised'],
    ['3001', 'upstream_unavailable', 'unavailable'],
    ['9999', 'upstream_error', 'unavailable'],
    ['4711', 'upstream_error', 'unavailable'],
  ])('%s is the fault %s, and %s outside', async (code, faultClass, outward) => {
    here.system.quirks.code = code;
    await expect(find()).rejects.toMatchObject({ faultClass, native: code, code: outward });
  });

  it('a code that is none is not repeated: it could be anything', async () => {
    here.system.quirks.code = lina.identifier.value;
    expect(await fault()).toMatchObject({ faultClass: 'upstream_error', native: '?' });
  });

  it.each([
    [429, 'rate_limited'],
    [503, 'upstream_unavailable'],
    [500, 'upstream_error'],
    [302, 'upstream_error'],
  ])('HTTP %i is the fault %s, whatever the body says', async (status, faultClass) => {
    here.system.quirks.status = status;
    expect(await fault()).toMatchObject({ faultClass, native: String(status) });
  });
});

describe('around the question', () => {
  it('an enterprise is not known here, and nobody is asked', async () => {
    const { identifier } = sandboxSubject('pingshan-trading');
    expect(await find({ identifier })).toMatchObject({ known: false, records: [] });
    expect(here.system.asked).toEqual([]);
  });

  it('an answer about somebody else is refused', async () => {
    changing((data) => (data['uid'] = 'XM9999999999'));
    expect(await fault()).toMatchObject(unreadable);
  });

  it('a handle that is no uid is refused before anybody is asked', async () => {
    const subject = { ...here.byId, handle: '娜 1' };
    await expect(find(subject)).rejects.toMatchObject({ faultClass: 'bad_request' });
    expect(here.system.asked).toEqual([]);
  });

  it('a loan that stands twice is refused: it would be counted twice', async () => {
    changing(({ loans }) => void loans.push({ ...loans[0] }));
    expect(await fault()).toMatchObject(unreadable);
  });

  it('no error says anything about the person', async () => {
    changingLoan({ bal: 'x' });
    const error: unknown = await find().catch((caught: unknown) => caught);
    const said = JSON.stringify({ ...(error as object), message: String(error) });
    for (const value of [lina.identifier.value, lina.name, 'XM000', 'L-1']) expect(said).not.toContain(value);
  });

  it('health tells whether the last question was answered, and heals by the next', async () => {
    expect(await here.source.health()).toEqual({ ok: true, detail: 'has not been asked yet' });
    here.system.quirks.code = '3001';
    expect(await fault()).toMatchObject({ faultClass: 'upstream_unavailable' });
    expect(await here.source.health()).toEqual({
      ok: false,
      detail: 'failed the last question: upstream_unavailable',
    });
    delete here.system.quirks.code;
    await find();
    expect(await here.source.health()).toMatchObject({ ok: true });
  });

  it('nothing is asked any more once it is closed', async () => {
    await here.source.close();
    expect(await fault()).toMatchObject({ faultClass: 'upstream_unavailable' });
    expect(here.system.asked).toEqual([]);
  });

  it.each([
    ['plain HTTP to another machine', { url: 'http://credit.example' }],
    ['another source', { source: 'zhima' }],
    ['an unknown member', { retries: 3 }],
    ['a score range without its upper end', { score_range: { min: 300 } }],
  ])('settings with %s are refused', (_what, change) => {
    expect(Value.Check(XiaomiSettingsSchema, here.settings)).toBe(true);
    expect(Value.Check(XiaomiSettingsSchema, { ...here.settings, ...change })).toBe(false);
  });
});
