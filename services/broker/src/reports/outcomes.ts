import { CausewayError, type Disclosure, type ErrorCode, type Verified } from '@causeway/protocol';
import type { Transaction } from 'kysely';

import type { Broker } from '../broker.ts';
import { bureausWithDisclosures, reverify } from '../fan-out/disclosures.ts';
import { openStates, type BureauRow } from '../fan-out/repository.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables, BureauState } from '../tables.ts';

/** What one bureau in scope came to, as the merge wants it. */
export interface Outcome {
  readonly bureau: string;
  readonly outcome: Exclude<BureauState, 'waiting' | 'asking'>;
  readonly disclosure?: Verified<Disclosure>;
  readonly code?: ErrorCode;
}

/**
 * One outcome per bureau in scope, never silence. The inquiry's row lock must be held, so that no row moves.
 */
export async function collectOutcomes(
  broker: Broker,
  trx: Transaction<BrokerTables>,
  inquiry: OpenInquiry,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { row, jws } of await bureausWithDisclosures(trx, inquiry)) {
    const outcome = outcomeOf(broker, inquiry, row, jws);
    if (outcome.outcome !== row.state) await closeRow(trx, row, outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

function outcomeOf(broker: Broker, inquiry: OpenInquiry, row: BureauRow, jws: string | undefined): Outcome {
  const { bureau, code, state } = row;
  if (state === 'waiting' || state === 'asking') {
    return code === null ? { bureau, outcome: 'timeout' } : { bureau, outcome: 'error', code };
  }
  if (jws === undefined) return { bureau, outcome: state, ...(code === null ? {} : { code }) };
  try {
    const disclosure = reverify(broker, inquiry, bureau, jws);
    return { bureau, outcome: disclosure.claims.outcome, disclosure };
  } catch (error) {
    // Its key was revoked or its member suspended since it came in: nothing it signed has a new effect.
    if (!(error instanceof CausewayError)) throw error;
    return { bureau, outcome: 'error', code: error.code };
  }
}

async function closeRow(trx: Transaction<BrokerTables>, row: BureauRow, to: Outcome): Promise<void> {
  const open = openStates.includes(row.state);
  await trx
    .updateTable('inquiry_bureau')
    .set({ state: to.outcome, code: to.code ?? null, ...(open ? { attempt: row.attempt + 1 } : {}) })
    .where('inquiry', '=', row.inquiry)
    .where('bureau', '=', row.bureau)
    .execute();
}
