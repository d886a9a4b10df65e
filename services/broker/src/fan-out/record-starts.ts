import { hotQuery, PackedBytes, type HotStatement, type ItemOutcome } from '@causeway/service';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { Round } from './rounds.ts';

/** Work on an inquiry that begins: its use, its bureaus, and the grants that are about to be presented. */
export interface Start {
  readonly inquiry: OpenInquiry;
  readonly use: number;
  /** In scope, each with a row that is held for its first attempt until `leaseUntilMs`. */
  readonly bureaus: readonly string[];
  readonly leaseUntilMs: number;
  readonly round: Round;
}

const startInquiries: HotStatement = {
  name: 'start_inquiries',
  text: `WITH asked AS (
      SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::int[], $6::int[])
        AS a (inquiry, use, lease_until_ms, round, box_at, box_length)
    ), started AS (
      UPDATE inquiry SET state = 'running', use = asked.use, seq = inquiry.seq + 1
      FROM asked WHERE inquiry.inquiry = asked.inquiry AND inquiry.state = 'accepted'
      RETURNING inquiry.inquiry
    ), rows AS (
      INSERT INTO inquiry_bureau (inquiry, bureau, state, attempt, next_at_ms, seq)
      SELECT inquiry, bureau, 'asking', 1, lease_until_ms, 2
      FROM started JOIN asked USING (inquiry)
        JOIN unnest($7::text[], $8::text[]) AS scope (inquiry, bureau) USING (inquiry)
    ), rounds AS (
      INSERT INTO inquiry_round (inquiry, round, box)
      SELECT inquiry, round, substring($9::bytea FROM box_at FOR box_length)
      FROM started JOIN asked USING (inquiry)
    )
    SELECT inquiry FROM started`,
};

/**
 * Accepted becomes running, once, with one row per bureau in scope, which is the truth about the fan-out from
 * here on: one statement, all or nothing. Each is told whether it was the first to start.
 */
export async function recordStarts(
  { pool }: Pick<Broker, 'pool'>,
  items: readonly Start[],
): Promise<ItemOutcome<boolean>[]> {
  const packed = new PackedBytes();
  const boxes = items.map(({ round }) => packed.add(round.box));
  const scope = items.flatMap(({ bureaus, inquiry }) => bureaus.map((bureau) => [inquiry.key, bureau]));
  const rows = await hotQuery<{ inquiry: string }>(pool, startInquiries, [
    ...[items.map(({ inquiry }) => inquiry.key), items.map(({ use }) => use)],
    ...[items.map(({ leaseUntilMs }) => leaseUntilMs), items.map(({ round }) => round.name)],
    ...[boxes.map(({ at }) => at), boxes.map(({ length }) => length)],
    ...[scope.map(([key]) => key), scope.map(([, bureau]) => bureau), packed.bytes],
  ]);
  const started = new Set(rows.map(({ inquiry }) => inquiry));
  return items.map(({ inquiry }) => ({ value: started.has(inquiry.key) }));
}
