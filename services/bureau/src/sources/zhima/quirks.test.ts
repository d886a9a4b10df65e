import { encodeStrict } from '@causeway/records/encodings';
import { startZhima } from '@causeway/sandbox/natives/zhima/start-zhima';
import type { ZhimaSystem } from '@causeway/sandbox/natives/zhima/start-zhima';
import { noQuirks } from '@causeway/sandbox/natives/zhima/zhima-quirks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Finding, Moment } from '../source.ts';
import { entry, faultOf, handClock, holdings, moment, open, subjectOf, today } from './zhima.fixture.ts';

const clock = handClock();
let system: ZhimaSystem;

beforeAll(async () => {
  system = await startZhima({ holdings, clock });
});
afterAll(async () => await system.stop());
beforeEach(() => void Object.assign(system.quirks, noQuirks));

const ask = async (id: string, at: Moment = moment(), settings: object = {}): Promise<Finding> =>
  await open({ ...system.settings, ...settings }).find(
    subjectOf(system.roster, id),
    ['SCORE', 'WATCHLIST'],
    at,
  );
const askBriefly = async (id: string): Promise<Finding> =>
  await open(system.settings).find(subjectOf(system.roster, id, false), ['SCORE', 'WATCHLIST'], moment());
/** Rewrites the inner object of one method's answer, which is then signed. */
const rewrite = (member: string, change: (inner: Record<string, unknown>) => unknown): void => {
  system.quirks.rewriteInner = (text) => {
    const inner = JSON.parse(text) as Record<string, unknown>;
    return member in inner ? JSON.stringify(change(inner)) : text;
  };
};
const rewriteDetail = (change: object): void =>
  rewrite('details', (inner) => ({
    ...inner,
    details: [{ ...(inner['details'] as object[])[0], ...change }],
  }));

describe('what is found', () => {
  test('a score with its range and its direction, and no entry where nothing is listed', async () => {
    const { known, notes, records } = await ask('li-na');
    expect(known).toBe(true);
    expect(records).toMatchObject([
      {
        record: 'score',
        value: 712,
        min: 350,
        max: 950,
        direction: 'higher_safer',
        native: { value: '712' },
      },
    ]);
    expect(notes).toEqual([{ field: 'as_of', what: 'assumed' }]);
  });

  test('a watch list entry with sector, kind, severity, band, month and settlement', async () => {
    const { records } = await ask('zhou-late');
    const { native_ext, ...rest } = records[1] as typeof entry;
    expect({ ...rest, native_ext: { ...native_ext, biz_no: '' } }).toEqual({
      ...entry,
      native_ext: { ...entry.native_ext, biz_no: '' },
    });
  });

  test('an enterprise has a score in its own range, on the day of its evaluation', async () => {
    const { records } = await ask('pingshan-trading');
    expect(records).toMatchObject([
      { model: 'zhima.credit.ep.score', value: 1523, min: 1000, max: 2000, as_of: '2026-10-31' },
    ]);
  });

  test('without an authorisation the score is a grade whose value is withheld', async () => {
    const { records } = await askBriefly('li-na');
    expect(records).toMatchObject([
      { model: 'zhima.credit.score.brief', grade: 'at_least_600', absent: { value: 'withheld_consent' } },
    ]);
    expect(records[0]).not.toHaveProperty('value');
  });

  test('without an authorisation the watch list is one level, with neither sector nor event', async () => {
    const { records } = await askBriefly('zhou-late');
    expect(records).toMatchObject([
      { grade: 'below_600' },
      { list: 'zhima.watchlist.brief', sector: 'unspecified', severity: 2, native: { severity: '2' } },
    ]);
  });
});

describe('quirks of the wire', () => {
  test.each(['compact', 'spaced'] as const)(
    '%s: the signature is over the bytes as they came',
    async (spacing) => {
      system.quirks.spacing = spacing;
      expect((await ask('zhou-late')).records).toHaveLength(2);
    },
  );

  test('members in another order are the same answer', async () => {
    system.quirks.keyOrder = 'reversed';
    expect((await ask('zhou-late')).records).toMatchObject([{ value: 540 }, { severity: 2 }]);
  });

  test('unicode escapes are the same answer', async () => {
    rewriteDetail({ statement: '已还清，有异议' });
    system.quirks.escapes = 'unicode';
    expect((await ask('zhou-late')).records[1]).toMatchObject({ statement: '已还清，有异议' });
  });

  test('GBK: a second byte that looks like a backslash or a brace ends nothing', async () => {
    const statement = '乗誡厈寎"}誠';
    const bytes = Buffer.from(encodeStrict(statement, 'gbk'));
    // The last one comes right before the quotation mark that ends the text.
    expect([1, 3, 5, 7, 11].map((at) => bytes[at])).toEqual([0x5c, 0x5d, 0x7b, 0x7d, 0x5c]);
    rewriteDetail({ statement });
    const { records } = await ask('zhou-late', moment(), { charset: 'gbk' });
    expect(records[1]).toMatchObject({ statement });
  });

  test('GBK: a name that it cannot write is asked for all the same', async () => {
    const subject = subjectOf(system.roster, 'rare-name', false);
    const source = open({ ...system.settings, charset: 'gbk' });
    expect((await source.find(subject, ['SCORE'], moment())).records).toMatchObject([
      { grade: 'at_least_600' },
    ]);
  });

  test('GBK where UTF-8 was asked for is refused, not guessed', async () => {
    rewriteDetail({ statement: '已还清' });
    system.quirks.replyCharset = 'gbk';
    expect((await faultOf(ask('zhou-late'))).faultClass).toBe('upstream_error');
  });

  test('a signature over the same object in other bytes is refused', async () => {
    system.quirks.signature = 'wrong';
    expect((await faultOf(ask('li-na'))).faultClass).toBe('signature_invalid');
  });

  test('an answer without a signature is refused', async () => {
    system.quirks.signature = 'missing';
    expect((await faultOf(ask('li-na'))).faultClass).toBe('signature_invalid');
  });

  test('encrypted contents, both ways', async () => {
    const encrypted = await startZhima({ holdings, encrypted: true, charset: 'gbk' });
    const subject = subjectOf(encrypted.roster, 'zhou-late');
    const found = await open(encrypted.settings).find(subject, ['SCORE', 'WATCHLIST'], moment());
    await encrypted.stop();
    expect(found.records).toMatchObject([{ value: 540 }, { risk_code: 'AA001003' }]);
  });

  test('contents encrypted with another key are refused', async () => {
    const wrong = { aes_key: Buffer.alloc(16, 7).toString('base64') };
    expect((await faultOf(ask('li-na', moment(), wrong))).faultClass).toBe('bad_request');
  });
});

describe('transactions', () => {
  test('a retry gets the first answer and is charged once, for 86,400 s; later it is refused', async () => {
    const at = moment();
    const before = system.charged();
    const first = await ask('zhou-late', at);
    const day = clock.ms + 86_400_000;
    for (const ms of [clock.ms, day]) {
      clock.ms = ms;
      expect(await ask('zhou-late', at)).toEqual(first);
    }
    expect(system.charged()).toBe(before + 2);
    clock.ms = day + 1;
    const fault = await faultOf(ask('zhou-late', at));
    expect([fault.faultClass, fault.native]).toEqual(['bad_request', '40004 ZMCREDIT.TRANSACTION_EXPIRED']);
    expect(system.charged()).toBe(before + 2);
  });

  test('another inquiry is another transaction', async () => {
    const before = system.charged();
    await ask('li-na');
    await ask('li-na');
    expect(system.charged()).toBe(before + 4);
  });

  test('a refusal is not charged', async () => {
    const before = system.charged();
    system.quirks.error = { code: '20000', subCode: 'isp.unknow-error' };
    await faultOf(ask('li-na'));
    expect(system.charged()).toBe(before);
  });
});

describe('quirks of the answers', () => {
  test('N/A is a score without a value, and says so', async () => {
    system.quirks.score = 'not_scored';
    const { records } = await ask('li-na');
    expect(records[0]).toMatchObject({ unscorable_reason: 'not_scored', native: { value: 'N/A' } });
    expect(records[0]).toMatchObject({ absent: { value: 'unknown_at_source' } });
    expect(records[0]).not.toHaveProperty('value');
    expect((await askBriefly('li-na')).records[0]).toMatchObject({ unscorable_reason: 'not_scored' });
  });

  test.each([
    ['STATUS_UNNORMAL', 'status_abnormal'],
    ['NOT_JURIDICAL_ENTITY', 'not_a_legal_entity'],
    ['USER_CLOSED', 'closed_by_subject'],
    ['CAN_NOT_GET_INFO', 'no_information'],
    ['SOMETHING_NEW', 'other'],
  ])('an enterprise without a score: %s', async (reason, unscorable_reason) => {
    rewrite('zm_score', (inner) => ({ ...inner, zm_score: 'N/A', reason }));
    expect((await ask('pingshan-trading')).records[0]).toMatchObject({
      unscorable_reason,
      native: { value: 'N/A', unscorable_reason: reason },
    });
  });

  test('a level that is always 0 is kept as a severity and noted', async () => {
    system.quirks.levels = 'always_zero';
    const { notes, records } = await ask('zhou-late');
    expect(records[1]).toMatchObject({ severity: 0, native: { severity: '0' } });
    expect(notes).toContainEqual({ field: 'level', what: 'assumed' });
  });

  test.each(['empty', 'missing'] as const)(
    'not matched, details %s: known, and no entry',
    async (details) => {
      system.quirks.details = details;
      const { known, records } = await ask('li-na');
      expect([known, records.map(({ record }) => record)]).toEqual([true, ['score']]);
    },
  );

  test.each([[undefined], [[]], [null]])('matched with details %j is not a whole answer', async (details) => {
    rewrite('details', (inner) => ({ ...inner, details }));
    expect((await faultOf(ask('zhou-late'))).faultClass).toBe('partial');
  });

  test('not matched with details contradicts itself and is refused', async () => {
    rewrite('details', (inner) => ({ ...inner, is_matched: false }));
    expect((await faultOf(ask('zhou-late'))).faultClass).toBe('upstream_error');
  });

  test('a brief level N/A is no empty list', async () => {
    rewrite('level', (inner) => ({ ...inner, level: 'N/A' }));
    expect((await faultOf(askBriefly('li-na'))).faultClass).toBe('partial');
  });

  test.each([['349'], ['951'], ['0712'], ['7120'], ['71.2'], ['-712'], [''], ['７１２'], [null], [true]])(
    'a score of %j is no score',
    async (zm_score) => {
      rewrite('zm_score', (inner) => ({ ...inner, zm_score }));
      expect((await faultOf(ask('li-na'))).faultClass).toBe('upstream_error');
    },
  );

  test.each([
    ['', 'none', undefined],
    ['PROCESSING', 'open', 'marked'],
    ['FINISHED', 'resolved', undefined],
    ['STAGE_9', 'unknown', 'marked'],
  ])('an objection at stage "%s" is %s', async (status, dispute_state, display_state) => {
    rewriteDetail({ status });
    const [, record] = (await ask('zhou-late')).records;
    expect(record).toMatchObject({ dispute_state });
    expect(record?.display_state).toBe(display_state);
    expect(record?.native?.['dispute_state']).toBe(status || undefined);
  });

  test('a statement with a number of a person in it does not travel, the entry does', async () => {
    const { value } = subjectOf(system.roster, 'li-na').identifier;
    rewriteDetail({ statement: `见 ${value}` });
    const { notes, records } = await ask('zhou-late');
    expect(records[1]).toMatchObject({ absent: { statement: 'withheld_policy' } });
    expect(JSON.stringify(records)).not.toContain(value);
    expect(notes).toContainEqual({ field: 'statement', what: 'dropped' });
  });

  test('members and keys that nobody knows are dropped and noted by name, never by value', async () => {
    rewriteDetail({ mobile: '13800000000', extend_info: [{ key: 'home_address', value: '深圳' }] });
    const { notes, records } = await ask('zhou-late');
    expect(notes).toContainEqual({ field: 'mobile', what: 'dropped' });
    expect(notes).toContainEqual({ field: 'home_address', what: 'dropped' });
    expect(JSON.stringify([notes, records])).not.toMatch(/13800000000|深圳/u);
  });

  test('codes that do not begin with each other are kept, and the conflict noted', async () => {
    rewriteDetail({ biz_code: 'AC', type: 'AG001', code: 'AD001005' });
    const { notes, records } = await ask('zhou-late');
    expect(records[1]).toMatchObject({ sector: 'payment', risk_type: 'ag001', risk_code: 'AD001005' });
    expect(notes).toContainEqual({ field: 'code', what: 'conflict' });
  });

  test('a band, a month and a level that nobody knows are absent, and noted', async () => {
    const extend_info = [
      { key: 'event_max_amt_code', value: 'M15' },
      { key: 'event_end_time_desc', value: '2014-13' },
    ];
    rewriteDetail({ extend_info, level: 4, settlement: null });
    const { notes, records } = await ask('zhou-late');
    const reason = 'unknown_at_source';
    expect(records[1]?.absent).toEqual({
      amount: reason,
      occurred: reason,
      severity: reason,
      settled: reason,
    });
    const unreadable = notes.filter(({ what }) => what === 'unreadable').map(({ field }) => field);
    expect(unreadable.toSorted()).toEqual(['event_end_time_desc', 'event_max_amt_code', 'level']);
  });

  test('two entries under one id stay two records', async () => {
    rewrite('details', (inner) => ({ ...inner, details: Array(2).fill((inner['details'] as object[])[0]) }));
    const { notes, records } = await ask('zhou-late');
    expect(new Set(records.map(({ record_id }) => record_id)).size).toBe(3);
    expect(notes).toContainEqual({ field: 'id', what: 'conflict' });
  });

  test('an entry whose own id is another one’s place is refused, not renamed onto it', async () => {
    rewrite('details', (inner) => {
      const [detail] = inner['details'] as object[];
      const called = (value: string): object => ({ ...detail, extend_info: [{ key: 'id', value }] });
      const details = [`${String(inner['biz_no'])}.3`, 'x', 'x'].map(called);
      return { ...inner, details };
    });
    expect((await faultOf(ask('zhou-late'))).faultClass).toBe('upstream_error');
  });

  test('an entry without a refresh time is true today, which is noted', async () => {
    rewriteDetail({ refresh_time: undefined });
    const { notes, records } = await ask('zhou-late');
    expect(records[1]).toMatchObject({ as_of: today });
    expect(records[1]).not.toHaveProperty('refreshed_on');
    expect(notes).toContainEqual({ field: 'as_of', what: 'assumed' });
  });
});
