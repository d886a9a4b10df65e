import { describe, expect, it } from 'vitest';

import { facts, faultOf, liNa, moment, scores, wholeFile, world } from './tencent.fixture.ts';

const dropSocial = { field: 'Indices.Shejiao', what: 'dropped' };

describe('every quirk of a reply', () => {
  it('strings where numbers are meant: a whole file comes through', async () => {
    const { source } = await world();
    const { known, notes, records } = await source.find(liNa, scores, moment());
    expect(known).toBe(true);
    expect(facts(records)).toEqual(facts(wholeFile));
    expect(notes).toEqual([dropSocial]);
  });

  it('numbers where strings are documented: the same facts', async () => {
    const { source } = await world(wholeFile, { quirks: { numbers: true } });
    expect(facts((await source.find(liNa, scores, moment())).records)).toEqual(facts(wholeFile));
  });

  it('numbers, bare and without risk values, as in QueryAntiFraud: no severity is reported', async () => {
    const { source } = await world(wholeFile, { quirks: { numbers: true, bare: true } });
    const { records } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(records.map(({ record }) => record)).toEqual(['score', 'watchlist']);
    expect(records[0]).toMatchObject({ value: 37 });
    expect(records[1]).toMatchObject({ risk_code: '7', absent: { severity: 'not_reported' } });
    expect(records[1]).not.toHaveProperty('severity');
  });

  it('RiskValue for RiskCodeValue, as in DescribeAntiFraud: the same facts', async () => {
    const { source } = await world(wholeFile, { quirks: { riskValue: true } });
    expect(facts((await source.find(liNa, scores, moment())).records)).toEqual(facts(wholeFile));
  });

  it('both names with different values: neither is believed', async () => {
    const RiskInfo = [{ RiskCode: '7', RiskCodeValue: '3', RiskValue: '4' }];
    const { source } = await world(wholeFile, { quirks: { over: { RiskInfo } } });
    const { notes, records } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(notes).toContainEqual({ field: 'RiskValue', what: 'conflict' });
    expect(records.at(-1)).toMatchObject({ absent: { severity: 'unknown_at_source' } });
    expect(records.at(-1)).not.toHaveProperty('severity');
  });

  it.each([false, true])('-1 is no number: a score without a value (as number: %s)', async (numbers) => {
    const { source } = await world(wholeFile, { quirks: { sentinels: true, numbers } });
    const { records } = await source.find(liNa, ['SCORE'], moment());
    const found = records.filter(({ record }) => record === 'score');
    expect(found).toHaveLength(3);
    for (const score of found) {
      expect(score).toMatchObject({ unscorable_reason: 'not_scored', native: { unscorable_reason: '-1' } });
      expect(score).not.toHaveProperty('value');
    }
  });

  it('the unsigned -1 of a client that lost its sign is out of range, not a score', async () => {
    for (const RiskScore of ['4294967295', 4_294_967_295, '18446744073709551615']) {
      const { source } = await world(wholeFile, { quirks: { over: { RiskScore } } });
      expect((await faultOf(source.find(liNa, ['WATCHLIST'], moment()))).faultClass).toBe('upstream_error');
    }
  });

  it('Found -1 is nobody: not known, and no record', async () => {
    const { source } = await world();
    const stranger = { identifier: { scheme: 'gb11643', value: '99000019851224112X' } } as const;
    expect(await source.find(stranger, scores, moment())).toEqual({ known: false, records: [], notes: [] });
  });

  it('IdFound 1 and Found -1: known, and nothing is held', async () => {
    const { source } = await world([]);
    expect(await source.find(liNa, scores, moment())).toEqual({ known: true, records: [], notes: [] });
  });

  it('Found 1 by something else than the number: nobody knows whose it is, nothing comes', async () => {
    const { source } = await world(wholeFile, { quirks: { over: { IdFound: '-1' } } });
    const { known, notes, records } = await source.find(liNa, ['WATCHLIST'], moment());
    expect({ known, records }).toEqual({ known: false, records: [] });
    expect(notes).toContainEqual({ field: 'IdFound', what: 'conflict' });
  });

  it('a null Found with -1 and nothing else is nobody, and said to be assumed', async () => {
    const over = { Found: null, IdFound: null, RiskScore: '-1', RiskInfo: [], OtherModelScores: [] };
    const { source } = await world(wholeFile, { quirks: { over } });
    const { known, notes, records } = await source.find(liNa, ['WATCHLIST'], moment());
    expect({ known, records }).toEqual({ known: false, records: [] });
    expect(notes).toEqual([{ field: 'Found', what: 'assumed' }]);
  });

  it('a risk code that nobody has named is unclassified, and -1 is no severity of it', async () => {
    const RiskInfo = [{ RiskCode: 99, RiskCodeValue: '-1' }, { RiskCode: null }, { RiskCode: 'x' }];
    const { source } = await world(wholeFile, { quirks: { over: { RiskInfo } } });
    const { notes, records } = await source.find(liNa, ['WATCHLIST'], moment());
    const entries = records.filter(({ record }) => record === 'watchlist');
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      risk_code: '99',
      risk_type: 'unclassified',
      absent: { severity: 'unknown_at_source' },
    });
    expect(notes).toContainEqual({ field: 'RiskCode', what: 'unreadable' });
  });

  it('null is "no valid value": absent, never zero', async () => {
    const { source } = await world(wholeFile, { quirks: { nulls: true } });
    const { notes, records } = await source.find(liNa, scores, moment());
    expect(records.map(({ absent }) => absent)).toEqual([
      { value: 'unknown_at_source' },
      { value: 'unknown_at_source' },
      { value: 'unknown_at_source' },
      { severity: 'unknown_at_source' },
    ]);
    for (const record of records) expect(record).not.toHaveProperty('value');
    expect(notes).toEqual(
      expect.arrayContaining([
        { field: 'PostTime', what: 'assumed' },
        { field: 'UpdateTime', what: 'assumed' },
      ]),
    );
  });

  it('a null Found with a score is taken for found, and said to be', async () => {
    const { source } = await world(wholeFile, { quirks: { over: { Found: null } } });
    const { known, notes } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(known).toBe(true);
    expect(notes).toContainEqual({ field: 'Found', what: 'assumed' });
  });

  it('a null Found without a score is no answer', async () => {
    const over = { Found: null, RiskScore: null, RiskInfo: null, OtherModelScores: null };
    const { source } = await world(wholeFile, { quirks: { over } });
    expect((await faultOf(source.find(liNa, ['WATCHLIST'], moment()))).faultClass).toBe('partial');
  });

  it.each([
    { Found: '-1' },
    { Found: '0' },
    { Found: '2' },
    { RiskScore: '101' },
    { RiskScore: '-2' },
    { RiskScore: '037' },
    { RiskScore: ' 37' },
    { RiskScore: '37.0' },
    { RiskScore: true },
    { RiskScore: ['-1'] },
    { RiskInfo: { RiskCode: '7' } },
    { RiskInfo: ['7'] },
    { RiskInfo: [{ RiskCode: '7', RiskCodeValue: '101' }] },
    { RiskInfo: [{ RiskCode: '7', Amount: -1 }] },
    { OtherModelScores: [{ ModelId: '1', ModelScore: '101' }] },
    { Code: ['0'] },
  ])('an impossible or contradictory reply is refused: %j', async (over) => {
    const { source } = await world(wholeFile, { quirks: { over } });
    expect((await faultOf(source.find(liNa, ['WATCHLIST'], moment()))).faultClass).toBe('upstream_error');
  });

  it('a main model’s score that is not the risk score stands beside it, and is a conflict', async () => {
    const OtherModelScores = [{ ModelId: '0', ModelScore: '99' }];
    const { source } = await world(wholeFile, { quirks: { over: { OtherModelScores } } });
    const { notes, records } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(notes).toContainEqual({ field: 'OtherModelScores', what: 'conflict' });
    expect(records.slice(0, 2)).toMatchObject([{ value: 37 }, { value: 99, model_version: '0' }]);
  });

  it.each([
    ['2026-11-22T15:59:59Z', '2026-11-22'],
    ['2026-11-22T16:00:00Z', '2026-11-23'],
  ])('a time in seconds, %s, is the day in Shanghai: %s', async (time, day) => {
    const PostTime = String(Date.parse(time) / 1000);
    const { source } = await world(wholeFile, { quirks: { over: { PostTime } } });
    const { records } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(records[0]?.as_of).toBe(day);
  });

  it.each(['1763776800000', '2000000000', '0', '-1', '2026-11-22'])(
    'a time that is not in seconds, or not yet, is refused: %s',
    async (PostTime) => {
      const { source } = await world(wholeFile, { quirks: { over: { PostTime } } });
      expect((await faultOf(source.find(liNa, ['WATCHLIST'], moment()))).faultClass).toBe('upstream_error');
    },
  );

  it('an amount in fen stays in fen', async () => {
    const { source } = await world();
    const { records } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(records.at(-1)).toMatchObject({ amount: { amount_minor: '123456', currency: 'CNY' } });
  });

  it('fields of device, network and social life are dropped and named, their values nowhere', async () => {
    const { source } = await world(wholeFile, { quirks: { devices: true } });
    const finding = await source.find(liNa, scores, moment());
    const dropped = finding.notes.filter(({ what }) => what === 'dropped').map(({ field }) => field);
    const fields = ['UserIp', 'Imei', 'Mac', 'WifiSSID', 'WifiBSSID', 'WifiMac', 'Indices.Shejiao'];
    expect(dropped.toSorted()).toEqual(fields.toSorted());
    expect(facts(finding.records)).toEqual(facts(wholeFile));
    expect(JSON.stringify(finding)).not.toMatch(/192\.0\.2|nobody|00-00-5E|000000000000000/u);
  });

  it('camelCase is another protocol', async () => {
    const { source } = await world(wholeFile, { quirks: { camelCase: true } });
    expect((await faultOf(source.find(liNa, scores, moment()))).faultClass).toBe('upstream_error');
  });
});
