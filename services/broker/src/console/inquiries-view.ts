import { uuidv7Pattern } from '@causeway/kernel';
import type { Purpose } from '@causeway/records/purposes';
import { sql } from 'kysely';

import type { Broker } from '../broker.ts';
import { findInquiry, openInquiry } from '../inquiries/open-inquiry.ts';
import type { InquiryView } from '../inquiries/view.ts';
import type { BureauState, InquiryState } from '../tables.ts';

const pageMax = 50;
const dayMs = 86_400_000;
/** Days begin at midnight in China (UTC+8). */
const zoneMs = 8 * 3_600_000;

/** Where a page of inquiries goes on: the time of the last one, and its id. */
export const cursorPattern = `^[0-9]{1,15}_${uuidv7Pattern.replaceAll(/[$^]/gu, '')}$`;

interface Row {
  readonly inquiry: string;
  readonly id: string;
  readonly state: InquiryState;
  readonly code: string | null;
  readonly accepted_ms: number;
  readonly reports: number;
}

/**
 * A lender's inquiries of today, the newest first: what each is for, where it stands and whether there is a
 * report. Nothing of whom it is about, and of no other lender.
 */
export async function inquiriesToday(broker: Broker, lender: string, before: string | undefined) {
  const now = broker.clock.now();
  const sinceMs = now - ((now + zoneMs) % dayMs);
  const [ms, id] = before?.split('_') ?? [null, null];
  const { rows } = await sql<Row>`
    SELECT inquiry, id, state, code, accepted_ms,
        (SELECT count(*)::int FROM inquiry_report r WHERE r.inquiry = i.inquiry) AS reports
      FROM inquiry i
      WHERE lender = ${lender} AND accepted_ms >= ${sinceMs}
        AND (${ms}::bigint IS NULL OR (accepted_ms, id) < (${ms}::bigint, ${id}::uuid))
      ORDER BY accepted_ms DESC, id DESC LIMIT ${pageMax}`.execute(broker.db);
  const items = [];
  for (const row of rows) items.push(await shown(broker, row));
  const last = rows.at(-1);
  return {
    since: new Date(sinceMs).toISOString(),
    states: await statesSince(broker, lender, sinceMs),
    items,
    ...(rows.length === pageMax && last ? { next: `${last.accepted_ms}_${last.id}` } : {}),
  };
}

async function shown(broker: Broker, { accepted_ms, code, id, inquiry, reports, state }: Row) {
  const purpose = await purposeOf(broker, inquiry);
  return {
    ...{ id, state, report: reports > 0, at: new Date(Number(accepted_ms)).toISOString() },
    ...(purpose === undefined ? {} : { purpose }),
    ...(code === null ? {} : { code }),
  };
}

/** What an inquiry says that it is for; undefined where its statement has been erased. */
async function purposeOf(broker: Broker, inquiry: string): Promise<Purpose | undefined> {
  const row = await findInquiry(broker.db, inquiry);
  try {
    return row && (await openInquiry(broker, row)).claims.purpose;
  } catch {
    return undefined;
  }
}

/**
 * Where one inquiry stands, at each bureau too. Whether a bureau knows the person, or the person has frozen
 * it, is what a report says: here both have answered, or refused.
 */
export function standingOf({ bureaus, code, id, report_version, state }: InquiryView) {
  return {
    ...{ id, state, report: report_version !== undefined, ...(code ? { code } : {}) },
    bureaus: bureaus.map(({ attempts, bureau, state: at }) => ({ bureau, attempts, state: told[at] ?? at })),
  };
}

const told: Partial<Record<BureauState, 'answered' | 'refused'>> = {
  ...{ empty: 'answered', not_found: 'answered', frozen: 'refused' },
};

async function statesSince({ db }: Broker, lender: string, sinceMs: number) {
  const { rows } = await sql<{ state: InquiryState; n: number }>`
    SELECT state, count(*)::int AS n FROM inquiry WHERE lender = ${lender} AND accepted_ms >= ${sinceMs}
      GROUP BY state ORDER BY n DESC, state`.execute(db);
  return rows.map(({ n, state }) => ({ state, count: n }));
}

/** What went wrong with a lender's inquiries in seven days, by code; at bureaus, by bureau too. */
export async function errorsOfWeek({ clock, db }: Broker, lender: string) {
  const sinceMs = clock.now() - 7 * dayMs;
  const { rows: inquiries } = await sql<{ code: string; n: number; last_ms: number }>`
    SELECT code, count(*)::int AS n, max(accepted_ms) AS last_ms FROM inquiry
      WHERE lender = ${lender} AND accepted_ms >= ${sinceMs} AND code IS NOT NULL
      GROUP BY code ORDER BY n DESC, code`.execute(db);
  const { rows: bureaus } = await sql<{ bureau: string; code: string; n: number; last_ms: number }>`
    SELECT b.bureau, b.code, count(*)::int AS n, max(i.accepted_ms) AS last_ms
      FROM inquiry i JOIN inquiry_bureau b USING (inquiry)
      WHERE i.lender = ${lender} AND i.accepted_ms >= ${sinceMs} AND b.code IS NOT NULL
      GROUP BY b.bureau, b.code ORDER BY n DESC, b.bureau, b.code`.execute(db);
  const counted = ({ last_ms, n, ...rest }: { readonly last_ms: number; readonly n: number }) => ({
    ...{ ...rest, count: n, last_at: new Date(Number(last_ms)).toISOString() },
  });
  return {
    since: new Date(sinceMs).toISOString(),
    inquiries: inquiries.map(counted),
    bureaus: bureaus.map(counted),
  };
}
