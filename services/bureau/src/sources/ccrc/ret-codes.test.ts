import { usualQuirks } from '@causeway/sandbox/natives/ccrc/quirks';
import { purposeCodes } from '@causeway/records/purposes';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { account, clock, faultOf, openWorld } from './test-registry.ts';
import type { World } from './test-registry.ts';
import { openCcrc } from './open-ccrc.ts';
import type { CcrcSettings } from './settings.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld('li-na');
});
afterAll(async () => await world.close());
beforeEach(() => {
  Object.assign(world.system.quirks, usualQuirks);
  world.system.failure = undefined;
  world.system.requests.length = 0;
  world.hold(account);
});

test('0000: found, with its records', async () => {
  const finding = await world.ask();
  expect(finding.known).toBe(true);
  expect(finding.records).toHaveLength(1);
});

test('0001: somebody whom the registry does not know is a finding, not a fault', async () => {
  expect(await world.ask({ identifier: { scheme: 'passport', value: 'E87654321' } })).toEqual({
    ...{ known: false, records: [], notes: [] },
  });
});

test('0001: a number with another name finds nobody', async () => {
  expect((await world.ask({ name: '李四' })).known).toBe(false);
});

test('0005: a person without credit is known, and that is a fact', async () => {
  world.hold();
  expect(await world.ask()).toEqual({ known: true, records: [], notes: [] });
});

test.each([
  ['1001', 'bad_request'],
  ['1003', 'signature_invalid'],
  ['2001', 'not_authorised'],
  ['2002', 'not_authorised'],
  ['3001', 'not_authorised'],
  ['9001', 'upstream_unavailable'],
  ['0002', 'upstream_error'],
  ['7777', 'upstream_error'],
  ['', 'upstream_error'],
])('result %s is the fault %s and releases nothing', async (code, faultClass) => {
  world.system.failure = { kind: 'result', code };
  const fault = await faultOf(world.ask());
  expect(fault.faultClass).toBe(faultClass);
  expect(fault.native ?? '').toBe(code);
});

test('1003: a question signed with another key is refused by the registry', async () => {
  const other = { ...world.system.settings, sign_key: world.system.credentials.answers.key } as CcrcSettings;
  const mallory = openCcrc(other, { clock });
  const asked = mallory.find({ identifier: { scheme: 'gb11643', value: '99000019900307003X' } }, [], {
    nowMs: clock.now(),
    purpose: 'LOAN_APPROVAL',
    inquiry: 'x',
    signal: new AbortController().signal,
  });
  expect(await faultOf(asked)).toMatchObject({ faultClass: 'signature_invalid', native: '1003' });
});

test('2001: a reason this organisation has no authority for', async () => {
  world.system.quirks.refusedReasons = ['02'];
  expect(await faultOf(world.ask())).toMatchObject({ faultClass: 'not_authorised', native: '2001' });
  expect((await world.ask({}, { purpose: 'POST_LOAN' })).known).toBe(true);
});

test.each([
  ['userLocked', '2002'],
  ['authorityExpired', '3001'],
] as const)('%s is not_authorised (%s)', async (quirk, native) => {
  world.system.quirks[quirk] = true;
  expect(await faultOf(world.ask())).toMatchObject({ faultClass: 'not_authorised', native });
});

test('9001: busy passes, and the next question is answered', async () => {
  world.system.quirks.busy = true;
  expect(await faultOf(world.ask())).toMatchObject({ code: 'unavailable', native: '9001' });
  expect((await world.source.health()).ok).toBe(false);
  world.system.quirks.busy = false;
  expect((await world.ask()).known).toBe(true);
  expect(await world.source.health()).toEqual({ ok: true, detail: 'Answers are signed.' });
});

const reasons: Readonly<Record<string, string>> = {
  ...{ LOAN_APPROVAL: '02', CARD_APPROVAL: '03', FINANCING_APPROVAL: '24', LIMIT_APPROVAL: '26' },
  ...{ GUARANTOR_REVIEW: '08', PRE_GUARANTEE: '20', POST_GUARANTEE: '21', POST_LOAN: '01' },
  ...{ RELATED_PARTY_REVIEW: '22', MERCHANT_REVIEW: '19', ADMISSION: '23', CREDIT_CHECK: '25' },
  ...{ HOUSING_FUND: '16', INDEX_FUTURES: '18', JUDICIAL: '09' },
};
const without = purposeCodes.filter((purpose) => reasons[purpose] === undefined);

test('each purpose asks with its own query reason', async () => {
  for (const purpose of purposeCodes.filter((one) => reasons[one] !== undefined)) {
    await world.ask({}, { purpose });
    expect(world.system.requests.at(-1)?.reason).toBe(reasons[purpose]);
  }
});

test.each(without)('%s has no query reason: not_authorised, and nothing is asked', async (purpose) => {
  expect((await faultOf(world.ask({}, { purpose }))).faultClass).toBe('not_authorised');
  expect(world.system.requests).toEqual([]);
});

test('a person’s own enquiry asks with the reason that was agreed for it, and nothing else', async () => {
  const agreed = await openWorld('li-na', {}, { own_reason: 'B1' });
  agreed.hold(account);
  expect((await agreed.ask({}, { purpose: 'OWN_ENQUIRY' })).records).toHaveLength(1);
  expect(agreed.system.requests.map(({ reason }) => reason)).toEqual(['B1']);
  for (const purpose of without.filter((one) => one !== 'OWN_ENQUIRY'))
    expect((await faultOf(agreed.ask({}, { purpose }))).faultClass).toBe('not_authorised');
  expect(agreed.system.requests).toHaveLength(1);
  await agreed.close();
});

test('the roster decides by which number is asked: an old one of 15 digits', async () => {
  const old = await openWorld('li-na', { oldOnly: ['li-na'] });
  old.hold(account);
  expect((await old.ask()).records).toHaveLength(1);
  expect(old.system.requests.at(-1)).toMatchObject({ type: '10', number: '990000900307003' });
  expect((await old.ask({ handle: '' })).known).toBe(false);
  await old.close();
});
