import type { Kysely } from 'kysely';
import { PublishingRefusal, previewLines } from '@causeway/records/publishing/index';
import type { PreviewedLine } from '@causeway/records/publishing/index';

import type { Bureau } from '../bureau.ts';
import { asOutward, loadMapping } from '../publishing/mappings.ts';
import type { BureauTables } from '../tables.ts';
import { withWords } from './check-upload.ts';

/** Rows that are shown. */
const rowsMax = 20;
const mappingsMax = 50;

/** Mappings that files can be read by, newest first. */
export async function listMappings(db: Kysely<BureauTables>) {
  const rows = await db
    .selectFrom('mapping')
    .select(['digest', 'body', 'created_ms'])
    .orderBy('created_ms', 'desc')
    .limit(mappingsMax)
    .execute();
  return rows.map(({ body, created_ms, digest }) => {
    const { encoding, format, name } = JSON.parse(body) as Record<'encoding' | 'format' | 'name', string>;
    return { mapping: digest, name, format, encoding, created_at: new Date(created_ms).toISOString() };
  });
}

/**
 * The first rows of a sample beside what they become, masked; nothing of it is kept.
 * @throws CausewayError `not_found` without such a mapping, or the rule that refuses the sample whole
 */
export async function previewSample(
  bureau: Bureau,
  mapping: string,
  sample: Uint8Array,
): Promise<PreviewedLine[]> {
  const read = await loadMapping(bureau, mapping);
  try {
    return (await previewLines(read, oneChunk(sample), rowsMax)).map(withWords);
  } catch (error) {
    throw error instanceof PublishingRefusal ? asOutward(error) : error;
  }
}

/** A body that is there at once. */
export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
