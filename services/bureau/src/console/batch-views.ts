import { CausewayError } from '@causeway/protocol';
import type { Mapping } from '@causeway/records/publishing/index';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

import { findBatch, findMapping, rejectionsAfter } from '../publishing/repository.ts';
import type { Batch } from '../publishing/repository.ts';
import { signOffOf } from '../publishing/sign-off.ts';
import { correctionsOf, uploadsOf } from '../publishing/uploads.ts';
import type { BureauTables } from '../tables.ts';
import { isTyped } from './check-upload.ts';
import { saidOf } from './rule-words.ts';

type Db = Kysely<BureauTables>;

const listMax = 50;
const chunkMax = 1000;

/** Batches, newest first, before the one with this number; how far each came. */
export async function listBatches(db: Db, before: number | undefined) {
  let query = db
    .selectFrom('batch')
    .innerJoin('mapping', 'mapping.digest', 'batch.mapping')
    .leftJoin('batch_sign_off', (join) =>
      join
        .onRef('batch_sign_off.batch', '=', 'batch.digest')
        .onRef('batch_sign_off.mapping', '=', 'batch.mapping'),
    )
    .select(['batch.id', 'batch.digest', 'batch.mapping', 'state', 'batch.bytes', 'batch.lines'])
    .select([
      'batch.accepted',
      'batch.rejected',
      'batch.warnings',
      'batch.deleted',
      'started_ms',
      'finished_ms',
    ])
    .select(['mapping.body', 'batch_sign_off.at_ms as signed_ms']);
  if (before !== undefined) query = query.where('batch.id', '<', before);
  const rows = await query.orderBy('batch.id', 'desc').limit(listMax).execute();
  const items = rows.map(({ body, signed_ms, ...row }) => ({
    ...{ ...funnelOf(row), mapping_name: nameOf(body), signed_off: signed_ms !== null },
  }));
  const last = rows.at(-1);
  return { items, ...(rows.length === listMax && last ? { next: last.id } : {}) };
}

/**
 * One batch: its funnel, how often each rule spoke, who brought it and who signed it off, and the batches
 * that carry its mended lines. @throws CausewayError `not_found`
 */
export async function showBatch(db: Db, digest: string, mapping: string) {
  const batch = await load(db, digest, mapping);
  const body = (await findMapping(db, mapping)) ?? '{}';
  const { rows } = await sql<{ rule: string; lines: number }>`
    SELECT rule, count(*)::int AS lines FROM rejection
      WHERE batch = ${digest} AND mapping = ${mapping} GROUP BY rule
    UNION ALL
    SELECT rule, count(*)::int AS lines FROM batch_warning
      WHERE batch = ${digest} AND mapping = ${mapping} GROUP BY rule
    ORDER BY lines DESC, rule`.execute(db);
  return {
    ...{ ...funnelOf(batch), mapping_name: nameOf(body), offset: batch.next_offset },
    typed: isTyped(JSON.parse(body) as Mapping),
    ...(batch.statement_digest === null ? {} : { statement: batch.statement_digest }),
    rules: rows.map((row) => ({ ...row, ...saidOf(row.rule) })),
    ...(await handsOf(db, batch)),
  };
}

/** Whose hands a batch went through. */
async function handsOf(db: Db, batch: Batch) {
  const uploads = await uploadsOf(db, batch);
  const signed = await signOffOf(db, batch);
  const corrected = await correctionsOf(db, batch);
  const [first] = uploads.filter(({ corrects }) => corrects !== null);
  return {
    uploads: uploads.map(({ at_ms, name, person }) => ({ person, name, at: iso(at_ms) })),
    ...(first && { corrects: { batch: first.corrects, mapping: first.corrects_mapping } }),
    corrected_by: corrected.map((key) => ({ batch: key.digest, mapping: key.mapping })),
    ...(signed && { sign_off: signOffView(signed) }),
  };
}

function signOffView({ at_ms, statement_digest, ...signed }: SignedOff) {
  return { ...signed, statement: statement_digest, at: iso(at_ms) };
}
type SignedOff = NonNullable<Awaited<ReturnType<typeof signOffOf>>>;

const iso = (ms: number): string => new Date(ms).toISOString();

/** What a publisher mends: a line of the file that was not taken, by its number, the rule and the place. */
export async function* rejectFile(db: Db, digest: string, mapping: string): AsyncGenerator<string> {
  const batch = await load(db, digest, mapping);
  yield '\uFEFFline,column,rule,pointer,message,说明\r\n';
  for (let after = 0; ;) {
    const rows = await rejectionsAfter(db, batch, after, chunkMax);
    for (const { column, line, message, pointer, rule } of rows) {
      const said = saidOf(rule).what?.zh ?? '';
      const cells = [String(line), column ?? '', rule, pointer ?? '', message, said];
      yield `${cells.map(csvCell).join(',')}\r\n`;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < chunkMax) return;
    after = last.line;
  }
}

async function load(db: Db, digest: string, mapping: string): Promise<Batch> {
  const batch = await findBatch(db, digest, mapping);
  if (batch === undefined) throw new CausewayError('not_found');
  return batch;
}

type Counted = Pick<Batch, 'digest' | 'mapping' | 'state' | 'bytes' | 'lines' | 'accepted' | 'rejected'> &
  Pick<Batch, 'id' | 'warnings' | 'deleted' | 'started_ms' | 'finished_ms'>;

/** Sent, parsed, accepted of which with a warning, rejected. */
function funnelOf(batch: Counted) {
  const { accepted, bytes, deleted, id, lines, rejected, state, warnings } = batch;
  return {
    ...{ id, batch: batch.digest, mapping: batch.mapping, state, bytes, lines, accepted, rejected },
    ...{ warnings, deleted, started_at: iso(batch.started_ms) },
    ...(batch.finished_ms === null ? {} : { finished_at: iso(batch.finished_ms) }),
  };
}

function nameOf(mapping: string): string {
  const { name } = JSON.parse(mapping) as { name: string };
  return name;
}

/** RFC 4180; what a spreadsheet would take for a formula is text: whoever sends files names their columns. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
