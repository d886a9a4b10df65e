import { sha256Digest } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';

import type { NativeSource } from './source.ts';

/** A record of a native answer, and what names it in every other answer where its own id does not. */
export interface NamedRecord {
  readonly record: CreditRecord;
  readonly name: string | undefined;
}

/** Names what a native system numbers anew with each answer: of several alike, the place tells them apart. */
export function namedRecords(
  records: readonly CreditRecord[],
  source: Pick<NativeSource, 'steadyName'>,
): NamedRecord[] {
  const seen = new Map<string, number>();
  return records.map((record) => {
    const name = nameOf(record, source);
    if (name === undefined) return { record, name };
    const place = (seen.get(`${record.record} ${name}`) ?? 0) + 1;
    seen.set(`${record.record} ${name}`, place);
    return { record, name: place === 1 ? name : `${name} ${place}` };
  });
}

/** A person has one score of one model, whatever number an answer gives it. */
function nameOf(record: CreditRecord, source: Pick<NativeSource, 'steadyName'>): string | undefined {
  if (record.record !== 'score') return source.steadyName?.(record);
  return [record.model, record.model_version ?? ''].join(' ');
}

/**
 * The id of a record within the bureau, the same in every answer about this reference: whoever reads a report
 * can name the record in a dispute later. It is made of the reference, which the answer says anyway.
 */
export function idUnder(subjectRef: string, { name, record }: NamedRecord): string {
  if (name === undefined) return record.record_id;
  const digest = sha256Digest(`record ${subjectRef} ${record.record} ${name}`);
  return `${record.record}-${digest.slice('sha-256:'.length).slice(0, 22)}`;
}

/** The records of a native answer under ids that stay. */
export function steadyRecords(
  records: readonly CreditRecord[],
  source: Pick<NativeSource, 'steadyName'>,
  subjectRef: string,
): CreditRecord[] {
  return namedRecords(records, source).map((each) =>
    each.name === undefined ? each.record : { ...each.record, record_id: idUnder(subjectRef, each) },
  );
}
