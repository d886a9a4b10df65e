import { addDays, dateOf, systemClock } from '@causeway/kernel';
import { nightlyFile } from '@causeway/sandbox/natives/xiaomi/nightly-file';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import fc from 'fast-check';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';

import { SourceFault } from '../source-fault.ts';
import { readNightlyFile } from './nightly-file.ts';
import { canonical, holdingOf, lina, moment, plainLoan, someLoans, world } from './xiaomi.fixture.ts';

const date = '2019-06-30';
const wanted = { idType: '01', id: lina.identifier.value };
const others = ['wang-thin', 'rare-name', 'zhou-late'].map((id, at) => ({
  subject: sandboxSubject(id),
  records: canonical({ ...plainLoan, loanNo: `OTHER-${at}` }, date, 'x'),
}));
const holdings = [...others, holdingOf(canonical(plainLoan, date, 'x'))];

async function* inChunks(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]) {
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

const read = (bytes: Uint8Array) => readNightlyFile(inChunks(bytes), wanted);
const refusal = async (bytes: Uint8Array) =>
  read(bytes).then(
    () => 'read',
    (error: unknown) => (error instanceof SourceFault ? (error.internal ?? '') : 'another error'),
  );

/** The file with some bytes written over: row, column, text. */
function patched(changes: readonly (readonly [number, number, string])[]): Uint8Array {
  const bytes = Buffer.from(nightlyFile(holdings, date));
  for (const [row, at, text] of changes) bytes.write(text, row * 200 + at, 'latin1');
  return bytes;
}

test('a document of another type with the same number is another person', async () => {
  const bytes = nightlyFile(holdings, date);
  expect(await readNightlyFile(inChunks(bytes), { ...wanted, idType: '02' })).toEqual({ date, loans: [] });
});

test('a balance below zero is read as that, and counts as that', async () => {
  const below = patched([
    [4, 114, '00000000000001-'],
    [5, 17, '00000000000000008399999+'],
  ]);
  expect((await read(below)).loans[0]?.balFen).toBe(-1n);
});

test('any loans come back the same, whatever the size of the chunks', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 450 }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(someLoans, sizes, async (loans, some) => {
      const held = loans.map((loan) => ({ ...loan, terms: [] }));
      const own = holdingOf(held.flatMap((loan) => canonical(loan, date, 'x')));
      const found = await readNightlyFile(inChunks(nightlyFile([...others, own], date), some), wanted);
      expect(found.date).toBe(date);
      expect(
        found.loans.map(({ amtFen, balFen, loan, name }) => [loan.loanNo, amtFen, balFen, name]),
      ).toEqual(
        held.map(({ balance, loanNo, original }) => [loanNo, BigInt(original), BigInt(balance), lina.name]),
      );
      const days = found.loans.map(({ loan }) => [loan.opened, loan.due, loan.maxOverdueDays]);
      expect(days).toEqual(held.map((loan) => [loan.opened, loan.due, loan.days]));
    }),
    { numRuns: 100 },
  );
});

describe('each quirk of the file', () => {
  it('every record has 200 bytes, its line feed included', () => {
    const bytes = nightlyFile(holdings, date);
    expect(bytes.length).toBe(200 * (holdings.length + 2));
    for (let at = 199; at < bytes.length; at += 200) expect(bytes[at]).toBe(0x0a);
    expect(Buffer.from(bytes).toString('latin1', 0, 18)).toBe('H0000000020190630 ');
  });

  it('amounts are zero-padded with the sign last', () => {
    const row = Buffer.from(nightlyFile([holdingOf(canonical(plainLoan, date, 'x'))], date)).toString(
      'latin1',
    );
    expect(row.slice(299, 314)).toBe('00000001500000+');
    expect(row.slice(314, 329)).toBe('00000000800000+');
  });

  it('a name has 30 bytes, and no character is split', async () => {
    const subject = { ...lina, name: `A${'娜'.repeat(20)}` };
    const bytes = nightlyFile([{ ...holdingOf(canonical(plainLoan, date, 'x')), subject }], date);
    const { loans } = await read(bytes);
    expect(loans[0]?.name).toBe(`A${'娜'.repeat(14)}`);
    expect(bytes[200 + 29 + 29]).toBe(0x20);
  });

  it('a name that GBK cannot write is empty, and has no question mark', async () => {
    const { identifier } = sandboxSubject('rare-name');
    const found = await readNightlyFile(inChunks(nightlyFile(holdings, date)), {
      idType: '01',
      id: identifier.value,
    });
    expect(found.loans.map(({ name }) => name)).toEqual(['']);
  });

  it.each(['split', 'overflow'] as const)(
    'a name that is too long (%s) spoils the whole file',
    async (longName) => {
      expect(await refusal(nightlyFile(holdings, date, { longName }))).toContain('at record 2');
    },
  );

  it('a trailer that counts one more is refused with both figures', async () => {
    expect(await refusal(nightlyFile(holdings, date, { trailer: 'count' }))).toContain(
      'says 5 records and 9200000 fen, and holds 4 records and 9200000 fen',
    );
  });

  it('a trailer that sums up to one fen more is refused with both figures', async () => {
    expect(await refusal(nightlyFile(holdings, date, { trailer: 'sum' }))).toContain(
      'says 4 records and 9200001 fen, and holds 4 records and 9200000 fen',
    );
  });
});

describe('nothing of a file is used', () => {
  const whole = nightlyFile(holdings, date);

  it('that is cut off anywhere', async () => {
    for (let bytesMax = 0; bytesMax < whole.length; bytesMax += 7) {
      expect(await refusal(nightlyFile(holdings, date, { bytesMax }))).toContain('upstream_error');
    }
  });

  it('that goes on behind its trailer, lacks a record, has one twice or out of order', async () => {
    const rows = Array.from({ length: whole.length / 200 }, (_, n) => whole.subarray(n * 200, n * 200 + 200));
    const [h, a, b, c, d, t] = rows as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    for (const some of [
      [h, a, b, c, d, t, a],
      [h, a, c, d, t],
      [h, a, a, b, c, d, t],
      [h, b, a, c, d, t],
      [h, a, b, c, d, t, t],
      [a, t],
      [h, h, t],
    ]) {
      expect(await refusal(Buffer.concat(some))).toContain('upstream_error');
    }
  });

  it.each([
    ['a due day before it was opened', [[1, 91, '20170701']]],
    [
      'minus zero',
      [
        [1, 114, '00000000000000-'],
        [5, 17, '00000000000000008400000+'],
      ],
    ],
    ['a trailer out of sequence', [[5, 1, '00000006']]],
    ['a header with a number', [[0, 1, '00000001']]],
    ['a day that does not exist', [[1, 83, '20180229']]],
    ['another state', [[1, 129, 'X']]],
    ['a loan number with a space before it', [[1, 59, ' ']]],
    ['a number in small letters', [[1, 28, 'x']]],
    ['an empty column of digits', [[1, 130, '    ']]],
  ] as const)('with %s, though its sum is right', async (_what, changes) => {
    expect(await refusal(patched(changes))).toContain('not as agreed');
  });

  it('with one loan of a person twice', async () => {
    const twice = [...holdings, holdingOf(canonical(plainLoan, date, 'x'))];
    expect(await refusal(nightlyFile(twice, date))).toContain('not as agreed');
  });

  it('in which an amount or the structure has changed by a bit', async () => {
    const money = fc.integer({ min: 99, max: 128 });
    const structure = fc.constantFrom(0, 5, 134, 180, 199);
    const places = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.oneof(money, structure), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(places, async ([row, at, bit]) => {
        const bytes = Uint8Array.from(whole);
        bytes[row * 200 + at] = (bytes[row * 200 + at] ?? 0) ^ (1 << bit);
        expect(await refusal(bytes)).toContain('upstream_error');
      }),
      { numRuns: 400 },
    );
  });

  it('whatever bytes it is made of, and nothing but a fault comes of it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 900 }), async (bytes) => {
        expect(await refusal(bytes)).toContain('upstream_error');
      }),
    );
  });
});

describe('while the system is busy', () => {
  const today = dateOf(systemClock.now(), 'Asia/Shanghai');
  const yesterday = addDays(today, -1);
  const name = (day: string) => `XM_LOAN_${day.replaceAll('-', '')}.dat`;
  let folder: string;
  let here: Awaited<ReturnType<typeof world>>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nightly-'));
    here = await world([holdingOf([])], { nightly: { folder } });
    here.system.quirks.code = '3001';
  });
  afterEach(async () => {
    await here.system.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const find = (categories: Parameters<typeof here.source.find>[1] = ['ACCOUNT_SUMMARY']) =>
    here.source.find(here.byId, categories, moment());
  const put = (day: string, bytes: Uint8Array) => writeFile(join(folder, name(day)), bytes);

  it('loans come from the newest file, with its day, and a note that they do', async () => {
    await put(addDays(today, -2), nightlyFile([], addDays(today, -2)));
    await put(yesterday, nightlyFile(holdings, yesterday));
    await put(addDays(today, 1), nightlyFile([], addDays(today, 1)));
    expect(await find()).toEqual({
      known: true,
      records: canonical({ ...plainLoan, terms: [] }, yesterday, name(yesterday).slice(0, -4)),
      notes: [{ field: 'loans', what: 'assumed' }],
    });
  });

  const busy = { faultClass: 'upstream_unavailable', native: '3001' };

  it.each([
    ['the file does not list the person: whether they are known is not in it', yesterday, others],
    ['the file is too old', addDays(today, -4), holdings],
    ['the file is of tomorrow', addDays(today, 1), holdings],
  ])('the system stays busy where %s', async (_what, day, rows) => {
    await put(day, nightlyFile(rows, day));
    await expect(find()).rejects.toMatchObject(busy);
  });

  it('the system stays busy where a score was asked for, which no file has, or without a file', async () => {
    await expect(find()).rejects.toMatchObject(busy);
    await put(yesterday, nightlyFile(holdings, yesterday));
    await expect(find(['SCORE'])).rejects.toMatchObject(busy);
    await expect(find(['SCORE', 'ACCOUNT_SUMMARY'])).rejects.toMatchObject(busy);
  });

  it('no file is read for another fault', async () => {
    await put(yesterday, nightlyFile(holdings, yesterday));
    here.system.quirks.code = '2002';
    await expect(find()).rejects.toMatchObject({ faultClass: 'not_authorised' });
  });

  it('a file with a wrong trailer, or of another day than its name, is refused', async () => {
    await put(yesterday, nightlyFile(holdings, yesterday, { trailer: 'sum' }));
    await expect(find()).rejects.toMatchObject({ faultClass: 'upstream_error' });
    await put(yesterday, nightlyFile(holdings, date));
    await expect(find()).rejects.toMatchObject({ faultClass: 'upstream_error' });
  });

  it('a debt below zero is refused: the model has none, and it is no debt of zero', async () => {
    const day = yesterday.replaceAll('-', '');
    const changes = [
      [0, 9, day],
      [4, 114, '00000000000001-'],
      [5, 17, '00000000000000008399999+'],
    ] as const;
    await put(yesterday, patched(changes));
    await expect(find()).rejects.toMatchObject({ faultClass: 'upstream_error' });
  });

  it('a file that cannot be read is a fault like any other', async () => {
    await mkdir(join(folder, name(yesterday)));
    await expect(find()).rejects.toMatchObject({ faultClass: 'upstream_unavailable' });
  });

  it('a folder that is not there is a fault like any other', async () => {
    await rm(folder, { recursive: true });
    await expect(find()).rejects.toMatchObject({ faultClass: 'upstream_unavailable' });
  });
});
