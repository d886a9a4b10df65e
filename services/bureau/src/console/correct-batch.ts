import { createHash } from 'node:crypto';
import { CausewayError } from '@causeway/protocol';
import { FileReader } from '@causeway/records/publishing/index';

import type { Bureau } from '../bureau.ts';
import type { Batches } from '../publishing/batches.ts';
import { correctedFile, correctionMapping } from '../publishing/corrected-file.ts';
import type { MendedLine } from '../publishing/corrected-file.ts';
import { loadMapping, storeMapping } from '../publishing/mappings.ts';
import { findBatch, rejectionsAt } from '../publishing/repository.ts';
import type { Staff } from '@causeway/service/staff/staff-store';
import { showBatch } from './batch-views.ts';
import { isTyped } from './check-upload.ts';
import { oneChunk } from './preview.ts';
import { saidOf } from './rule-words.ts';

/** Lines that are mended by hand at once. */
export const mendedMax = 50;

interface Parts {
  readonly bureau: Bureau;
  readonly batches: Batches;
}

/**
 * Publishes mended lines of a batch as a batch of its own that names the first one; or says what is still
 * wrong with them, and takes nothing.
 * @throws CausewayError `not_found`; `conflict` while the first is running; `bad_request` for lines that it
 * has not rejected, that come twice, or that its format cannot hold
 */
export async function correctBatch(
  { batches, bureau }: Parts,
  params: { readonly batch: string; readonly mapping: string },
  rows: readonly MendedLine[],
  { name, person }: Staff,
) {
  const { clock, db } = bureau;
  const first = await findBatch(db, params.batch, params.mapping);
  if (first === undefined) throw new CausewayError('not_found');
  if (first.state !== 'complete') throw new CausewayError('conflict', { detail: 'It is still running.' });
  const read = correctionMapping(await loadMapping(bureau, first.mapping));
  if (!isTyped(read)) throw bad('/rows', 'Lines of this format are not written by hand.');
  const lines = rows.map(({ line }) => line);
  if (new Set(lines).size < lines.length) throw bad('/rows', 'A line comes twice.');
  const rejected = await rejectionsAt(db, first, lines);
  if (rejected.length < lines.length) throw bad('/rows', 'A line of these was not rejected.');
  const reader = new FileReader(read, { offset: 0, line: 1, columns: first.columns });
  const file = await correctedFile(read, reader.names, rows);
  if ('rejections' in file) {
    return { rejections: file.rejections.map((each) => ({ ...each, ...saidOf(each.rule) })) };
  }
  const expected = createHash('sha256').update(file.bytes).digest();
  // A crash behind this leaves a mapping that no batch uses yet: nothing to repair.
  const mapping = await storeMapping(bureau, read);
  const corrects = { digest: first.digest, mapping: first.mapping };
  const upload = { person, name, corrects, atMs: clock.now() };
  const batch = await batches.publish(mapping, oneChunk(file.bytes), expected, upload);
  return { corrected: await showBatch(db, batch.digest, batch.mapping) };
}

const bad = (pointer: string, detail: string): CausewayError =>
  new CausewayError('bad_request', { pointer, detail });
