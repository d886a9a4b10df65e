import type { CreditRecord } from '@causeway/records';
import { carriesIdentifier } from '@causeway/records/identifiers';
import type { RecordOf } from '@causeway/records/record';
import { sandboxSubject } from '@causeway/sandbox';
import { startZhima } from '@causeway/sandbox/natives/zhima/start-zhima';
import type { ZhimaSystem } from '@causeway/sandbox/natives/zhima/start-zhima';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { enterpriseScore, entry, moment, open, score, subjectOf, today } from './zhima.fixture.ts';

/** What the gateway holds; each run puts other records there. */
const held: CreditRecord[] = [];
const systems: ZhimaSystem[] = [];

beforeAll(async () => {
  const holdings = ['li-na', 'pingshan-trading'].map((id) => ({
    subject: sandboxSubject(id),
    records: held,
  }));
  for (const charset of ['utf-8', 'gbk'] as const) {
    systems.push(await startZhima({ holdings, charset, encrypted: charset === 'gbk' }));
  }
});
afterAll(async () => await Promise.all(systems.map(async (system) => await system.stop())));

type Watchlist = RecordOf<'watchlist'>;

type Band = readonly [string, string, string | undefined];
const bands: readonly Band[] = [
  ['M01', '0', '50000'], ['M02', '50000', '100000'], ['M03', '100000', '200000'], ['M04', '200000', '300000'],
  ['M05', '300000', '400000'], ['M06', '400000', '600000'], ['M07', '600000', '800000'],
  ['M08', '800000', '1000000'], ['M09', '1000000', '1500000'], ['M10', '1500000', '2000000'],
  ['M11', '2000000', '2500000'], ['M12', '2500000', '3000000'], ['M13', '3000000', '4000000'],
  ['M14', '4000000', undefined],
]; // prettier-ignore
const bandOf = ([native_code, lower_minor, upper]: Band): NonNullable<Watchlist['amount']> => ({
  ...{ native_code, lower_minor, currency: 'CNY', lower_open: true, upper_open: upper === undefined },
  ...(upper === undefined ? {} : { upper_minor: upper }),
});
const sectors = {
  AA: 'credit', AB: 'court', AC: 'payment', AD: 'car_hire', AE: 'hotel', AF: 'e_commerce', AG: 'housing',
  AH: 'telecom', AI: 'insurance', AJ: 'utilities',
} as const; // prettier-ignore
const kinds: Readonly<Record<string, string>> = {
  AA001: 'overdue',
  AA002: 'cash_out',
  AB001: 'dishonest_debtor',
};

const codes = fc
  .tuple(
    fc.constantFrom(...Object.entries(sectors)),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([[biz, sector], kind, last]) => {
    const type = `${biz}00${kind}`;
    const periods =
      type === 'AA001' && last <= 7 ? { overdue_periods: last === 7 ? '7+' : String(last) } : {};
    const native = { sector: biz, risk_type: type, risk_code: `${type}00${last}` };
    const risk_type = kinds[type] ?? type.toLowerCase();
    return { own: { sector, risk_type, risk_code: native.risk_code }, native, periods };
  });
const day = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2026-11-24'), noInvalidDate: true })
  .map((date) => date.toISOString());
/** Text on one line that both charsets can write, with what a careless reader stumbles over. */
const statement = fc
  .array(fc.constantFrom(...'已还款誠誡厈寎𠮷有异议·«»{}[]",:\\/ abcXYZ012'), { minLength: 1, maxLength: 60 })
  .map((letters) => letters.join('').replaceAll(/\s+/gu, ' ').trim())
  .filter((text) => text !== '' && !carriesIdentifier(text));
/** There, there without saying anything, or not there at all. */
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | 'absent' | undefined> =>
  fc.oneof(values, fc.constant('absent' as const), fc.constant(undefined));
const disputes = fc.constantFrom(
  {},
  { dispute_state: 'none' as const },
  {
    dispute_state: 'open' as const,
    display_state: 'marked' as const,
    native: { dispute_state: 'PROCESSING' },
  },
  { dispute_state: 'resolved' as const, native: { dispute_state: 'FINISHED' } },
);

const entries: fc.Arbitrary<Watchlist> = fc
  .record({
    id: fc.stringMatching(/^[0-9a-f]{8,32}$/u),
    codes,
    refreshed: fc.option(day, { nil: undefined }),
    severity: maybe(fc.integer({ min: 0, max: 3 })),
    settled: maybe(fc.boolean()),
    amount: maybe(fc.constantFrom(...bands).map(bandOf)),
    occurred: maybe(fc.tuple(day, fc.constantFrom(4, 7, 10)).map(([text, length]) => text.slice(0, length))),
    dispute: disputes,
    statement: fc.option(statement, { nil: undefined }),
  })
  .filter(({ id }) => !carriesIdentifier(id))
  .map((made) => entryOf(made));

function entryOf(made: {
  readonly id: string;
  readonly codes: { readonly own: object; readonly native: object; readonly periods: object };
  readonly refreshed: string | undefined;
  readonly statement: string | undefined;
  readonly dispute: { readonly native?: object };
  readonly [field: string]: unknown;
}): Watchlist {
  const { codes: code, dispute, id, refreshed } = made;
  const fields = ['severity', 'settled', 'amount', 'occurred'] as const;
  const present = fields.filter((name) => made[name] !== undefined && made[name] !== 'absent');
  const absent = fields.filter((name) => made[name] === 'absent');
  const refreshed_on = refreshed?.slice(0, 10);
  const severity = typeof made['severity'] === 'number' ? { severity: String(made['severity']) } : {};
  return {
    ...{ record: 'watchlist', category: 'WATCHLIST', list: 'zhima.watchlistii', native_scheme: 'zhima' },
    ...{ record_id: `zhima.watchlist.${id}`, source_record_id: id, as_of: refreshed_on ?? today },
    ...(code.own as Pick<Watchlist, 'sector' | 'risk_type' | 'risk_code'>),
    ...Object.fromEntries(present.map((name) => [name, made[name]])),
    ...(refreshed_on === undefined ? {} : { refreshed_on }),
    ...dispute,
    ...(made.statement === undefined ? {} : { statement: made.statement }),
    native: { ...code.native, ...severity, ...dispute.native },
    native_ext: {
      ...code.periods,
      ...(refreshed === undefined ? {} : { refresh_time: refreshed.slice(0, 19).replace('T', ' ') }),
    },
    ...(absent.length === 0
      ? {}
      : { absent: Object.fromEntries(absent.map((name) => [name, 'unknown_at_source' as const])) }),
  };
}

const style = fc.record({
  spacing: fc.constantFrom('compact' as const, 'spaced' as const),
  keyOrder: fc.constantFrom('usual' as const, 'reversed' as const),
  escapes: fc.constantFrom('none' as const, 'unicode' as const),
  charset: fc.constantFrom(0, 1),
});

/** What comes back when these are held. */
async function through(
  records: readonly CreditRecord[],
  { charset, ...quirks }: { readonly charset: number },
  id = 'li-na',
): Promise<readonly CreditRecord[]> {
  held.splice(0, held.length, ...records);
  const system = systems[charset];
  if (system === undefined) throw new RangeError('no such system');
  Object.assign(system.quirks, quirks);
  const subject = subjectOf(system.roster, id);
  return (await open(system.settings).find(subject, ['WATCHLIST', 'SCORE'], moment())).records;
}

/** The number of the answer is new with each answer: it is the one thing that cannot come back. */
function withoutNumber(record: CreditRecord | undefined): unknown {
  if (record?.record === 'score') return { ...record, record_id: '', source_record_id: '' };
  const { biz_no: _, ...native_ext } = record?.native_ext ?? {};
  return { ...record, native_ext };
}

describe('what zhima can express comes back as it was', () => {
  test('watch lists, in every style', async () => {
    const lists = fc.uniqueArray(entries, {
      maxLength: 5,
      selector: ({ source_record_id }) => source_record_id,
    });
    const property = fc.asyncProperty(lists, style, async (list, how) => {
      const found = (await through(list, how)).filter(({ record }) => record === 'watchlist');
      expect(found.map(withoutNumber)).toEqual(list.map(withoutNumber));
    });
    await fc.assert(property, { numRuns: 80 });
  });

  test('scores of persons', async () => {
    const property = fc.asyncProperty(fc.integer({ min: 350, max: 950 }), style, async (value, how) => {
      const one = { ...score, value, native: { value: String(value) }, native_scheme: 'zhima' };
      expect((await through([one], how)).map(withoutNumber)).toEqual([one].map(withoutNumber));
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test('scores of enterprises, with a reason and without', async () => {
    const reason = fc.option(fc.stringMatching(/^[A-Z][A-Z_]{2,20}$/u), { nil: undefined });
    const values = fc.tuple(fc.integer({ min: 1000, max: 2000 }), day, reason);
    const property = fc.asyncProperty(values, style, async ([value, at, code], how) => {
      const one: RecordOf<'score'> = {
        ...enterpriseScore,
        ...{ value, as_of: at.slice(0, 10), native: { value: String(value) }, native_scheme: 'zhima' },
        ...(code === undefined ? {} : { reasons: [{ rank: 1, code }] }),
      };
      const found = await through([one], how, 'pingshan-trading');
      expect(found.map(withoutNumber)).toEqual([one].map(withoutNumber));
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test.each(bands)('band %s is (%s, %s] in fen', async (...band) => {
    const [found] = await through([{ ...entry, amount: bandOf(band) }], { charset: 0 });
    expect(found).toMatchObject({ amount: bandOf(band) });
  });
});

describe('what zhima cannot express is lost as the documentation says', () => {
  const plain = { charset: 0 };

  test('an exact amount comes back as its band', async () => {
    const amount = { amount_minor: '300001', currency: 'CNY' };
    const [found] = await through([{ ...entry, amount }], plain);
    expect(found).toMatchObject({ amount: { native_code: 'M05', lower_minor: '300000' } });
  });

  test('a person without a score comes back as one who cannot be scored', async () => {
    const [, found] = await through([entry], plain);
    expect(found).toMatchObject({ record: 'score', unscorable_reason: 'not_scored' });
  });

  test('the day and the number of a person’s score are those of the question', async () => {
    const [found] = await through([{ ...score, as_of: '2025-01-01', source_record_id: 'mine' }], plain);
    expect(found).toMatchObject({ as_of: today });
    expect(found?.source_record_id).not.toBe('mine');
  });

  test('other kinds of record are not spoken of', async () => {
    const loan: CreditRecord = {
      ...{
        record: 'account',
        category: 'ACCOUNT_SUMMARY',
        record_id: 'a',
        source_record_id: 'a',
        as_of: today,
      },
      ...{ account_ref: 'a', type: 'term', currency: 'CNY', status: 'normal' },
    };
    const found = await through([loan, score], plain);
    expect(found.map(({ record }) => record)).toEqual(['score']);
  });
});
