import { sha256Digest } from '@causeway/protocol';
import { subject } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { account, claimsOf, createWorld } from '../test-world.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});
beforeEach(async () => {
  await world.reset();
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const mine = account('mine', { lender_ref: 'abc-bank', status: 'overdue' });
const paidOff = account('old', { lender_ref: 'abc-bank', status: 'settled' });
const theirs = account('theirs', { lender_ref: 'evergreen' });

/** Asks on a basis, under a grant that carries these obligations. */
async function ask(purpose: 'POST_LOAN' | 'COLLECTION', obligations: string[]) {
  const inquiry = world.inquiry({
    ...{ purpose, consent: undefined as never, basis: { code: purpose, cited: sha256Digest('earlier') } },
  });
  const grant = world.grant(inquiry, { consent: undefined as never, basis: purpose, obligations });
  const { results } = await world.ask([{ inquiry, grant }]);
  return results[0] ?? {};
}

const recordsOf = ({ disclosure }: { disclosure?: string }): string[] =>
  claimsOf('disclosure', disclosure ?? '').records.map(({ source_record_id }) => source_record_id);

describe('on a basis', () => {
  it('answers in full where the asker has an open account, within the categories', async () => {
    await world.store(subject, [mine, theirs]);
    expect(recordsOf(await ask('POST_LOAN', ['own.open_account']))).toEqual(['mine', 'theirs']);
  });

  it('answers collection with the asker’s own accounts alone', async () => {
    await world.store(subject, [mine, paidOff, theirs]);
    const both = ['own.open_account', 'own.accounts_only'];
    expect(recordsOf(await ask('COLLECTION', both))).toEqual(['mine', 'old']);
  });

  it('S16 keeps to the own accounts for collection, though the grant does not say so', async () => {
    await world.store(subject, [mine, theirs]);
    expect(recordsOf(await ask('COLLECTION', ['own.open_account']))).toEqual(['mine']);
  });

  it.each([
    ['no account of the asker', [theirs]],
    ['settled accounts only', [paidOff, theirs]],
    ['nothing at all', []],
  ])('S16 refuses where there is %s, with one signed refusal and no record', async (_what, records) => {
    if (records.length > 0) await world.store(subject, records);
    for (const purpose of ['POST_LOAN', 'COLLECTION'] as const) {
      const result = await ask(purpose, ['own.open_account']);
      expect(Object.keys(result)).toEqual(['refusal', 'code']);
      expect(claimsOf('refusal', result.refusal ?? '')).toMatchObject({
        ...{ code: 'not_authorised', rules: ['own.open_account'] },
      });
    }
    expect(await world.traces()).toEqual({ answers: 2, leaves: 2 });
  });

  it('S36 refuses while the subject is frozen', async () => {
    await world.store(subject, [mine]);
    await world.stop(subject, '', 'frozen');
    const result = await ask('POST_LOAN', ['own.open_account']);
    expect(result).toMatchObject({ code: 'not_authorised' });
    expect(result).not.toHaveProperty('disclosure');
  });
});
