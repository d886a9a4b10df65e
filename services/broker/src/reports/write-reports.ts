import { type HotStatement, type HotTransaction, PackedBytes } from '@causeway/service';

import type { Finish } from './finish-inquiries.ts';

const writeAll: HotStatement = {
  name: 'write_reports',
  text: `WITH report AS (
      SELECT * FROM unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[],
          $8::int[], $9::int[], $10::boolean[])
        AS r (inquiry, use, version, digest, signed_under, state, disclosures, box_at, box_length, late)
    ), moved AS (
      UPDATE inquiry_bureau AS b
      SET state = r.becomes, code = r.code, seq = inquiry.seq + 1,
        next_at_ms = CASE WHEN b.state = r.becomes THEN b.next_at_ms ELSE $11::bigint END
      FROM unnest($12::text[], $13::text[], $14::int[], $15::text[], $16::text[], $17::text[])
          AS r (inquiry, bureau, attempt, state, becomes, code)
        JOIN inquiry ON inquiry.inquiry = r.inquiry
      WHERE b.inquiry = r.inquiry AND b.bureau = r.bureau AND b.attempt = r.attempt AND b.state = r.state
      RETURNING b.inquiry
    ), kept AS (
      INSERT INTO inquiry_disclosure (inquiry, bureau, use, digest, grant_digest, verified_under, received_ms,
        disclosure)
      SELECT inquiry, bureau, use, digest, grant_digest, under, $11, substring($18::bytea FROM at FOR length)
      FROM unnest($19::text[], $20::text[], $21::int[], $22::text[], $23::text[], $24::text[], $25::int[],
          $26::int[])
        AS d (inquiry, bureau, use, digest, grant_digest, under, at, length)
    ), reported AS (
      INSERT INTO inquiry_report (inquiry, use, version, digest, signed_under, signed_ms, disclosures, report)
      SELECT inquiry, use, version, digest, signed_under, $11, disclosures,
        substring($18::bytea FROM box_at FOR box_length)
      FROM report
    ), done AS (
      DELETE FROM inquiry_outbox USING report
      WHERE inquiry_outbox.inquiry = report.inquiry AND NOT report.late
    ), ended AS (
      UPDATE inquiry SET state = report.state, seq = inquiry.seq + 2,
        finished_ms = coalesce(inquiry.finished_ms, $11)
      FROM report WHERE inquiry.inquiry = report.inquiry
    )
    SELECT inquiry, count(*)::int AS rows FROM moved GROUP BY inquiry`,
};

/**
 * Writes reports, the disclosures that came with them, the bureaus' rows and the ends of the inquiries in one
 * statement; the inquiries' row locks must be held.
 * @throws RangeError where a bureau's row is not as the report relies on it: somebody else has moved it
 */
export async function writeReports(
  trx: HotTransaction,
  items: readonly Finish[],
  nowMs: number,
): Promise<void> {
  const packed = new PackedBytes();
  const reports = items.map((item) => ({ ...item, key: item.inquiry.key, place: packed.add(item.box) }));
  const rows = reports.flatMap(({ key, rows: all }) => all.map((row) => ({ key, ...row })));
  const kept = rows.flatMap(({ box, key, outcome }) =>
    box === undefined ? [] : [{ key, bureau: outcome.bureau, ...box, place: packed.add(box.box) }],
  );
  const moved = await trx.query<{ inquiry: string; rows: number }>(writeAll, [
    ...reportColumns(reports),
    nowMs,
    ...[rows.map(({ key }) => key), rows.map(({ outcome }) => outcome.bureau)],
    ...[rows.map(({ held }) => held.attempt), rows.map(({ held }) => held.state)],
    ...[rows.map(({ becomes }) => becomes.state), rows.map(({ becomes }) => becomes.code)],
    packed.bytes,
    ...[kept.map(({ key }) => key), kept.map(({ bureau }) => bureau), kept.map(({ use }) => use)],
    ...[kept.map(({ digest }) => digest), kept.map(({ grant }) => grant), kept.map(({ under }) => under)],
    ...[kept.map(({ place }) => place.at), kept.map(({ place }) => place.length)],
  ]);
  const counts = new Map(moved.map(({ inquiry, rows: count }) => [inquiry, count]));
  for (const { key, rows: all } of reports) {
    if (counts.get(key) !== all.length) throw new RangeError('a row that a report rests on has moved');
  }
}

type Placed = Finish & { readonly key: string; readonly place: ReturnType<PackedBytes['add']> };

function reportColumns(reports: readonly Placed[]): unknown[] {
  const cited = ({ rows }: Placed): number =>
    rows.filter(({ outcome }) => outcome.disclosure !== undefined).length;
  return [
    reports.map(({ key }) => key),
    reports.map(({ report }) => report.claims.use),
    reports.map(({ report }) => report.claims.version),
    reports.map(({ report }) => report.digest),
    reports.map(({ under }) => under),
    reports.map(({ state }) => state),
    reports.map(cited),
    reports.map(({ place }) => place.at),
    reports.map(({ place }) => place.length),
    reports.map(({ lateAnswers }) => lateAnswers),
  ];
}
