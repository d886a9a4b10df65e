import type { CreditRecord } from '@causeway/records';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { startTencent } from '@causeway/sandbox/natives/tencent/start-tencent';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { openTencent } from './open-tencent.ts';
import { clock, facts, liNa, moment, scores, settingsOf, wholeFile, world } from './tencent.fixture.ts';

const day = fc
  .integer({ min: Date.UTC(2010, 0, 2) / 86_400_000, max: Date.UTC(2026, 10, 22) / 86_400_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10));
const code = fc.integer({ min: 0, max: 999_999 }).map(String);

/** Whether a score has a value, is said not to be scored, or has no valid value. */
const standing = (min: number, max: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min, max }).map((value) => ({ value })) },
    fc.constant({ unscorable_reason: 'not_scored', native: { unscorable_reason: '-1' } }),
    fc.constant({ absent: { value: 'unknown_at_source' as const } }),
  );

const numbered = { record_id: 'r', source_record_id: 'n', native_scheme: 'tencent' } as const;
const score = { ...numbered, record: 'score', category: 'SCORE' } as const;
const risky = { ...score, model: 'tencent-af', min: 0, max: 100, direction: 'higher_riskier' } as const;
const safe = { ...score, model: 'tencent-credit', min: 300, max: 850, direction: 'higher_safer' } as const;

const credit: fc.Arbitrary<CreditRecord> = fc
  .tuple(
    day,
    standing(300, 850),
    fc.dictionary(
      fc.constantFrom('Indices.Lvyue', 'Indices.Anquan', 'Indices.Caifu', 'Indices.Xiaofei'),
      fc.nat(100).map(String),
    ),
  )
  .map(([as_of, reading, native_ext]) => ({
    ...safe,
    as_of,
    ...reading,
    ...(Object.keys(native_ext).length === 0 ? {} : { native_ext }),
  }));

const entry = fc.record(
  {
    risk_code: code,
    severity: fc.oneof(fc.nat(100), fc.constantFrom('not_reported' as const, 'unknown_at_source' as const)),
    fen: fc.nat(Number.MAX_SAFE_INTEGER),
    occurred: day,
  },
  { requiredKeys: ['risk_code', 'severity'] },
);

const antiFraud: fc.Arbitrary<CreditRecord[]> = fc
  .tuple(
    day,
    standing(0, 100),
    fc.uniqueArray(fc.tuple(code, standing(0, 100)), { selector: ([id]) => id, maxLength: 4 }),
    fc.array(entry, { maxLength: 6 }),
  )
  .map(([as_of, reading, others, entries]) => [
    { ...risky, as_of, ...reading },
    ...others
      .filter(([id]) => id !== '0')
      .map(([model_version, other]) => ({ ...risky, as_of, model_version, ...other })),
    ...entries.map(({ fen, occurred, risk_code, severity }) => ({
      ...numbered,
      record: 'watchlist' as const,
      category: 'WATCHLIST' as const,
      as_of,
      list: 'tencent_af',
      sector: 'anti_fraud',
      risk_type: `kind_${risk_code}`,
      risk_code,
      native: { risk_type: risk_code },
      ...(typeof severity === 'number' ? { severity } : { absent: { severity } }),
      ...(fen === undefined ? {} : { amount: { amount_minor: String(fen), currency: 'CNY' } }),
      ...(occurred === undefined ? {} : { occurred }),
    })),
  ]);

describe('canonical, native, and canonical again', () => {
  it('is the same, in either way of writing numbers and whatever the way of writing the id', async () => {
    const holdings = fc.tuple(
      fc.option(credit, { nil: undefined }),
      fc.option(antiFraud, { nil: undefined }),
    );
    const ways = fc.constantFrom('plain', 'md5', 'sha256', 'sm3');
    await fc.assert(
      fc.asyncProperty(holdings, ways, fc.boolean(), async ([one, several], id_crypto, numbers) => {
        const records = [...(one === undefined ? [] : [one]), ...(several ?? [])];
        const finding = await found(records, id_crypto, numbers);
        expect(finding.known).toBe(true);
        expect(facts(finding.records)).toEqual(facts(records));
        const social = [{ field: 'Indices.Shejiao', what: 'dropped' }];
        expect(finding.notes).toEqual(one === undefined ? [] : social);
      }),
      { numRuns: 120 },
    );
  });

  it('loses what the documentation lists, and says nothing in its place', async () => {
    const [one, main] = wholeFile;
    const lost = { percentile_ppm: 1, grade: 'gold', reasons: [{ rank: 1, code: 'x' }], decisive: true };
    const { source } = await world([
      { ...one, ...lost } as CreditRecord,
      { ...main, ...lost } as CreditRecord,
    ]);
    const { records } = await source.find(liNa, scores, moment());
    expect(facts(records)).toEqual(facts(wholeFile.slice(0, 2)));
  });

  it('numbers every record within the reply, so that none is taken for another', async () => {
    const { source } = await world();
    const both = [await source.find(liNa, scores, moment()), await source.find(liNa, scores, moment())];
    const ids = both.flatMap(({ records }) => records.map(({ record_id }) => record_id));
    expect(new Set(ids).size).toBe(8);
    const sources = both.flatMap(({ records }) => records.map(({ source_record_id }) => source_record_id));
    expect(new Set(sources).size).toBe(4);
  });
});

async function found(records: readonly CreditRecord[], id_crypto: string, numbers: boolean) {
  const holdings = [{ subject: sandboxSubject('li-na'), records }];
  const system = await startTencent({ holdings, clock, quirks: { numbers } });
  try {
    const source = openTencent(settingsOf({ ...system.settings, id_crypto }), { clock });
    return await source.find(liNa, scores, moment());
  } finally {
    await system.stop();
  }
}
