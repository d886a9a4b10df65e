import { systemClock, systemRandom } from '@causeway/kernel';
import type { CreditRecord } from '@causeway/records';
import { otherSubject, subject } from '@causeway/protocol/federation.fixture';
import { startXiaomi } from '@causeway/sandbox/natives/xiaomi/start-xiaomi';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { expect } from 'vitest';

import { enrol } from '../roster/roster.ts';
import { openSource } from '../sources/open-source.ts';
import type { NativeSource } from '../sources/source.ts';
import { account, claimsOf, createWorld, refOf } from '../test-world.ts';

const liNa = sandboxSubject('li-na');
const somebody = sandboxSubject('zhou-late');

/** A reference of Li Na in another epoch. */
export const laterRef = refOf(liNa.identifier);

/** What Li Na's native system holds at first: two loans and a score. */
const heldFirst = (): CreditRecord[] => [
  account('L1', { original: '50000', opened: '2020-05-05' }),
  account('L2', { original: '90000', opened: '2021-05-05' }),
  {
    ...{ record: 'score', category: 'SCORE', record_id: 's', source_record_id: 's', as_of: '2026-10-31' },
    ...{ model: 'xiaomi-mix', value: 640, min: 300, max: 850, direction: 'higher_safer' },
  },
];

/**
 * A bureau before a native system, which is asked over a real socket. `held` is what that holds on Li Na, and
 * may be changed.
 */
export async function nativeWorld(database: TestDatabase) {
  const held: CreditRecord[] = [];
  const others = [account('L9', { original: '70000', opened: '2022-05-05' })];
  const system = await startXiaomi([
    { subject: liNa, records: held },
    { subject: somebody, records: others },
  ]);
  const opened = openSource(JSON.stringify(system.settings), { clock: systemClock, random: systemRandom });
  if (opened.kind !== 'native') throw new RangeError('the settings name a native system');
  /** What is waited for before an answer is handed on, and how many of them have come. */
  const door = { shut: undefined as Promise<void> | undefined, behind: 0 };
  const source: NativeSource = {
    ...opened,
    find: async (...question) => {
      const { shut } = door;
      const found = await opened.find(...question);
      if (shut !== undefined) door.behind += 1;
      await shut;
      return found;
    },
  };
  const world = await createWorld(database, { source });
  const references = async (identifiers: readonly { value: string }[]) =>
    identifiers.map(({ value }) => (value === liNa.identifier.value ? [subject, laterRef] : [otherSubject]));
  /** Li Na's records as the bureau gives them to a lender who may have all of them. */
  const shown = async (ref = subject): Promise<CreditRecord[]> => {
    const categories = ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY', 'SCORE'] as const;
    const inquiry = world.inquiry({ subject_ref: ref, categories: [...categories] });
    const grant = world.grant(inquiry, { subject_ref: ref, categories: [...categories] });
    const { results } = await world.ask([{ inquiry, grant }]);
    return [...claimsOf('disclosure', results[0]?.disclosure ?? '').records];
  };
  return {
    ...world,
    ...{ held, shown, system },
    reset: async () => {
      await world.reset();
      held.splice(0, Infinity, ...heldFirst());
      delete system.quirks.code;
      const subjects = [liNa, somebody].map(({ identifier, name }) => ({ identifier, name }));
      await enrol({ ...world.bureau, references }, subjects);
    },
    /** Begins questions of which the answers have come and are held back, until what it returns is called. */
    heldBack: async <T>(questions: readonly (() => Promise<T>)[]) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      Object.assign(door, { shut: promise, behind: 0 });
      const under = questions.map(async (question) => await question());
      await expect.poll(() => door.behind).toBe(questions.length);
      door.shut = undefined;
      return async (): Promise<T[]> => {
        resolve();
        return await Promise.all(under);
      };
    },
    close: async () => {
      await world.close();
      await source.close();
      await system.stop();
    },
  };
}

export type NativeWorld = Awaited<ReturnType<typeof nativeWorld>>;
