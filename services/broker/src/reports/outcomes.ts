import { CausewayError, type Disclosure, type ErrorCode, type Verified } from '@causeway/protocol';

import type { Broker } from '../broker.ts';
import type { Asked } from '../fan-out/ask-due.ts';
import { bureausWithDisclosures, reverify } from '../fan-out/disclosures.ts';
import type { BureauRow } from '../fan-out/repository.ts';
import { type DisclosureBox, disclosureBox, finalStateOf } from '../fan-out/settle.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BureauState } from '../tables.ts';

/** What one bureau in scope came to, as the merge wants it. */
interface Outcome {
  readonly bureau: string;
  readonly outcome: Exclude<BureauState, 'waiting' | 'asking'>;
  readonly disclosure?: Verified<Disclosure>;
  readonly code?: ErrorCode;
}

/** A bureau's row as the report relies on it, and what it becomes together with the report. */
export interface RowBasis {
  readonly outcome: Outcome;
  /** The row must still be exactly like this when the report is written. */
  readonly held: { readonly attempt: number; readonly state: BureauState };
  readonly becomes: { readonly state: BureauState; readonly code: ErrorCode | null };
  /** A disclosure that is stored together with the report. */
  readonly box?: DisclosureBox;
}

/** Rows whose answers have just come, none of them written yet; `under` is the directory that judged them. */
export function rowsOfAnswers(
  inquiry: OpenInquiry,
  asked: readonly Asked[],
  under: DisclosureBox['under'],
): RowBasis[] {
  return asked
    .map(({ answer, attempt }): RowBasis => {
      const { bureau, number } = attempt;
      if (answer.kind === 'failed') throw new RangeError('a failed attempt is no outcome');
      const held = { attempt: number, state: 'asking' as const };
      const becomes = finalStateOf(answer);
      if (answer.kind === 'refused') {
        const outcome = becomes.state === 'frozen' ? ('frozen' as const) : ('refused' as const);
        return { outcome: { bureau, outcome, code: answer.code }, held, becomes };
      }
      const { disclosure } = answer;
      const outcome = { bureau, outcome: disclosure.claims.outcome, disclosure };
      return { outcome, held, becomes, box: disclosureBox(inquiry, disclosure, under) };
    })
    .toSorted((a, b) => (a.outcome.bureau < b.outcome.bureau ? -1 : 1));
}

/** Rows as they stand, one per bureau in scope, never silence. An open one counts as what it is now. */
export async function rowsAsTheyStand(broker: Broker, inquiry: OpenInquiry): Promise<RowBasis[]> {
  const rows = await bureausWithDisclosures(broker.db, inquiry);
  return rows.map(({ row, jws }) => {
    const { attempt, code, state } = row;
    const outcome = outcomeOf(broker, inquiry, row, jws);
    const open = state === 'waiting' || state === 'asking';
    const becomes = open ? { state, code } : { state: outcome.outcome, code: outcome.code ?? null };
    return { outcome, held: { attempt, state }, becomes };
  });
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
