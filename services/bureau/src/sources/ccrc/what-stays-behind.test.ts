import type { CreditRecord } from '@causeway/records';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Compile } from 'typebox/compile';

import { CcrcSettingsSchema } from './settings.ts';
import { account, askChanged, only, openWorld, today } from './test-registry.ts';
import type { World } from './test-registry.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld('li-na');
});
afterAll(async () => await world.close());

const envelope = { record_id: 'r', source_record_id: 's', as_of: '2026-10-01' } as const;
const profile: CreditRecord = {
  ...{ ...envelope, record: 'profile', category: 'IDENTITY', kind: 'person', sex: 'female' },
};
const work = { ...envelope, record: 'profile', category: 'EMPLOYMENT', kind: 'person' } as const;
const number = '990000199003070013';

/** A report of these groups under the honest head: what the registry holds is shown tomorrow only. */
async function askWith(groups: string): ReturnType<World['ask']> {
  world.hold({ ...account, as_of: today });
  return await askChanged(world, (report) => report.replace('</Document>', `${groups}</Document>`));
}

test('contacts, addresses, employers and names are dropped by name, and never in a record', async () => {
  world.hold(profile, { ...work, occupation: 'clerk' });
  const { notes, records } = await world.ask();
  const text = JSON.stringify(records);
  for (const personal of ['李娜', '13900000000', '某市某路一号', '某某公司', number]) {
    expect(text).not.toContain(personal);
  }
  const dropped = notes.filter(({ what }) => what === 'dropped').map(({ field }) => field);
  expect(dropped).toEqual(expect.arrayContaining(['PB01B', 'PB03', 'PB040Q01']));
});

test('identity and employment are two records, so that either can go out alone', async () => {
  world.hold(profile, { ...work, education: 'bachelor' });
  const { records } = await world.ask();
  expect(records.map(({ category }) => category)).toEqual(['IDENTITY', 'EMPLOYMENT']);
  expect(records[0]).not.toHaveProperty('education');
});

test('a number in a text is not passed on', async () => {
  world.hold({
    ...{ ...envelope, record: 'public_record', category: 'PUBLIC_RECORD', kind: 'judgment' },
    ...{ authority: `被告 ${number}`, result: '驳回' },
  });
  const read = only(await world.ask(), 'public_record');
  expect(read).toMatchObject({ result: '驳回', absent: { authority: 'unknown_at_source' } });
});

test('a number in the text of a mark is not passed on, the mark is', async () => {
  world.hold({
    ...account,
    marks: [{ kind: 'dispute_mark', text: `由 ${number} 提出`, added_on: '2026-01-02' }],
  });
  expect(only(await world.ask(), 'account')).toMatchObject({
    ...{ marks: [{ kind: 'dispute_mark', added_on: '2026-01-02' }], display_state: 'marked' },
  });
});

test('a dispute that has ended no longer marks the record', async () => {
  const mark = { kind: 'dispute_mark', added_on: '2026-01-02', ends_on: '2026-02-02' } as const;
  world.hold({ ...account, marks: [mark] });
  expect(only(await world.ask(), 'account').display_state).toBeUndefined();
});

test('a mark without its day is dated by the report, and that is noted', async () => {
  const z = '<PD01Z><PD01ZH><PD01ZD01>1</PD01ZD01></PD01ZH></PD01Z>';
  const a = '<PD01A><PD01AI01>X1</PD01AI01><PD01AD01>D1</PD01AD01><PD01AD04>CNY</PD01AD04></PD01A>';
  const finding = await askWith(`<PDA><PD01>${a}${z}</PD01></PDA>`);
  expect(only(finding, 'account').marks).toEqual([{ kind: 'dispute_mark', added_on: today }]);
  expect(finding.notes).toContainEqual({ field: 'PD01ZR01', what: 'assumed' });
});

test('tags and groups that no table has are dropped by name', async () => {
  const finding = await askWith(
    '<PXX><A/></PXX><PIM><PB01><PB01A><PB01AX99>1</PB01AX99></PB01A></PB01></PIM>',
  );
  expect(finding.records).toEqual([]);
  expect(finding.notes).toEqual(
    expect.arrayContaining(['PXX', 'PB01AX99'].map((field) => ({ field, what: 'dropped' }))),
  );
});

test('a tag whose name could be anything is not repeated in a note', async () => {
  const finding = await askWith('<李娜/>');
  expect(finding.notes).toEqual([{ field: 'Document', what: 'dropped' }]);
});

test('the same tag twice in one group is no value', async () => {
  const twice = '<PD01AJ01>1</PD01AJ01><PD01AJ01>2</PD01AJ01>';
  const a = `<PD01A><PD01AI01>X1</PD01AI01><PD01AD01>D1</PD01AD01><PD01AD04>CNY</PD01AD04>${twice}</PD01A>`;
  const finding = await askWith(`<PDA><PD01>${a}</PD01></PDA>`);
  expect(only(finding, 'account').original).toBeUndefined();
  expect(finding.notes).toContainEqual({ field: 'PD01AJ01', what: 'conflict' });
});

test.each(['12,00', '1.5', '-1', '１２', '1e3', '12 000', ',100', '1,000,00'])(
  'the amount %j is no amount, and no zero',
  async (told) => {
    const a =
      '<PD01A><PD01AI01>X1</PD01AI01><PD01AD01>D1</PD01AD01><PD01AD04>CNY</PD01AD04>' +
      `<PD01AJ01>${told}</PD01AJ01></PD01A>`;
    const finding = await askWith(`<PDA><PD01>${a}</PD01></PDA>`);
    expect(only(finding, 'account')).toMatchObject({ absent: { original: 'unknown_at_source' } });
    expect(finding.notes).toContainEqual({ field: 'PD01AJ01', what: 'unreadable' });
  },
);

test.each([
  ['an account in a currency that is none', 'PDA', 'PD01', '<PD01A><PD01AI01>X</PD01AI01></PD01A>'],
  ['an agreement of a kind that is unknown', 'PCA', 'PD02', '<PD02A><PD02AD03>CNY</PD02AD03></PD02A>'],
  ['an inquiry for a reason that is unknown', 'POQ', 'PH01', '<PH010Q03>77</PH010Q03>'],
  ['an annotation of a kind that is unknown', 'POS', 'PG01', '<PG010H><PG010D03>8</PG010D03></PG010H>'],
])('%s is no record, and the receiver sees that something is missing', async (_, group, segment, inner) => {
  const finding = await askWith(`<${group}><${segment}>${inner}</${segment}></${group}>`);
  expect(finding.records).toMatchObject([{ record: 'annotation', kind: 'bureau_note' }]);
  expect(finding.notes).toContainEqual({ field: segment, what: 'unreadable' });
});

test.each([
  ['an account', 'PDA', 'PD01', 'PD01Z'],
  ['a public record', 'PCJ', 'PF02', 'PF02A'],
  ['a service', 'PND', 'PE01', 'PE01A'],
])(
  'a group that comes twice in %s is not read, and the receiver sees that',
  async (_, group, segment, part) => {
    const once = `<${part}></${part}>`;
    const finding = await askWith(`<${group}><${segment}>${once}${once}</${segment}></${group}>`);
    expect(finding.records).toContainEqual(
      expect.objectContaining({ record_id: `unread.${segment.toLowerCase()}` }),
    );
    expect(finding.notes).toContainEqual({ field: part, what: 'conflict' });
  },
);

test('a number of digits only is never a reference: it may be a card or a telephone', async () => {
  world.hold({ ...account, lender_ref: '6222020200112230' });
  expect(only(await world.ask(), 'account').lender_ref).toMatch(/^p-[A-Za-z0-9_-]{22}$/u);
});

test('the other party of a relation is a pseudonym, the same in every report', async () => {
  const firm = await openWorld('pingshan-trading');
  const relation = { record: 'relation', category: 'OWNERSHIP', kind: 'shareholder' } as const;
  firm.hold({ ...envelope, ...relation, party_ref: number, party_kind: 'person', ratio_ppm: 305_000 });
  const [first, second] = [await firm.ask(), await firm.ask()];
  expect(only(first, 'relation')).toMatchObject({ ratio_ppm: 305_000, party_kind: 'person' });
  expect(only(first, 'relation').party_ref).toMatch(/^p-/u);
  expect(only(second, 'relation').party_ref).toBe(only(first, 'relation').party_ref);
  expect(JSON.stringify(first)).not.toContain(number);
  await firm.close();
});

test('a fraud alert is told on, the telephone number in it is not', async () => {
  const d = '<PA01DQ01>1</PA01DQ01><PA01DQ02>13900000001</PA01DQ02><PA01DR02>2027-01-31</PA01DR02>';
  world.hold(account);
  const finding = await askChanged(world, (report) =>
    report.replace('</PA01></PRH>', `<PA01D>${d}</PA01D></PA01></PRH>`),
  );
  expect(only(finding, 'annotation')).toMatchObject({ kind: 'bureau_note', ends_on: '2027-01-31' });
  expect(JSON.stringify(finding)).not.toContain('13900000001');
});

test.each([
  ['an unknown member', { extra: 1 }],
  ['an address without TLS', { url: 'http://127.0.0.1/ccrc' }],
  ['a short pseudonym key', { pseudonym_key: 'abc' }],
  ['no client certificate', { tls: {} }],
])('settings with %s are refused', (_, change) => {
  const settings = Compile(CcrcSettingsSchema);
  expect(settings.Check(world.system.settings)).toBe(true);
  expect(settings.Check({ ...world.system.settings, ...change })).toBe(false);
});
