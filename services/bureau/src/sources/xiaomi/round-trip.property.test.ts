import type { CreditRecord } from '@causeway/records';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { requestNumber } from './question.ts';
import { anyDay, canonical, holdingOf, inquiry, moment, scored, someLoans, world } from './xiaomi.fixture.ts';

const reqNo = requestNumber(inquiry);
let here: Awaited<ReturnType<typeof world>>;
const records: CreditRecord[] = [];

beforeAll(async () => {
  here = await world([holdingOf(records)]);
});
afterAll(() => here.system.stop());

const anyScore = fc.option(fc.option(fc.integer({ min: 300, max: 850 }), { nil: null }), { nil: undefined });

test('what the format can say comes back the same, whatever it is', async () => {
  await fc.assert(
    fc.asyncProperty(anyDay, anyScore, someLoans, async (asOf, score, loans) => {
      const scores = score === undefined ? [] : [scored(score ?? undefined, asOf, reqNo)];
      const held = [...scores, ...loans.flatMap((loan) => canonical(loan, asOf, reqNo))];
      records.splice(0, records.length, ...held);
      const finding = await here.source.find(here.byHandle, ['SCORE', 'ACCOUNT_DETAIL'], moment());
      expect(finding.records).toEqual(held);
      expect(finding.known).toBe(true);
    }),
    { numRuns: 300 },
  );
});
