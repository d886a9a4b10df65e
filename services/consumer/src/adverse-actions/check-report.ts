import { CausewayError } from '@causeway/protocol';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { inLanes } from '../lanes.ts';
import type { AdverseActionRow, ReportCheck } from '../tables.ts';
import { type DueCheck, holdersOf, recordChecked, takeChecks } from './repository.ts';

const answer = Type.Object({ written: Type.Boolean() }, { additionalProperties: false });
const askMsMax = 2000;
const checksAtOnceMax = 32;

type Named = Pick<AdverseActionRow, 'subject_ref' | 'inquiry' | 'report' | 'lender'>;

/**
 * Whether a broker that held a grant for this inquiry has written this report for this lender, by its ledger;
 * undefined where none of them can say so now, and `nobody` where none held a grant.
 */
export async function wasWritten(
  consumer: Consumer,
  { inquiry, lender, report, subject_ref }: Named,
): Promise<boolean | 'nobody' | undefined> {
  const holders = await holdersOf(consumer.db, { subject_ref, inquiry });
  const brokers = consumer
    .directory()
    .membersWith('broker')
    .filter(({ id }) => holders.includes(id));
  if (brokers.length === 0) return 'nobody';
  const answers = await Promise.all(brokers.map(async ({ id }) => await ask(id)));
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;

  async function ask(member: string): Promise<boolean | undefined> {
    try {
      const { written } = await consumer.federation.call({
        ...{ member, method: 'POST', path: '/v1/report-checks', body: { inquiry, report, lender } },
        ...{ schema: answer, timeoutMs: askMsMax },
      });
      return written;
    } catch (error) {
      if (error instanceof CausewayError) return undefined;
      throw error;
    }
  }
}

/**
 * Asks about reports that no broker could be asked about when the lender told of its decision. Run by a timer
 * in every process; what a process takes is due again later, so that one that dies forgets none.
 */
export async function checkReports(consumer: Consumer): Promise<void> {
  const due = await takeChecks(consumer.db, consumer.clock.now(), checksAtOnceMax);
  await inLanes(due, async (row: DueCheck) => {
    const written = await wasWritten(consumer, row);
    if (written === undefined) return;
    // A crash here: it is asked again, and the ledger says the same.
    await recordChecked(consumer.db, row, checkedBy(written));
  });
}

/** What an answer comes to. */
export const checkedBy = (written: boolean | 'nobody'): ReportCheck =>
  written === 'nobody' ? 'unconfirmed' : written ? 'confirmed' : 'denied';
