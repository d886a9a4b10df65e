import type { BlindReferences } from '@causeway/member';
import { subjectInput } from '@causeway/records/identifiers';
import type { Identifier } from '@causeway/records/identifiers';

/**
 * The references of these identifiers in their order, and for each of them in every epoch that is published,
 * the current one first. Raw identifiers stay in memory, for this call only.
 */
export type SubjectReferences = (identifiers: readonly Identifier[]) => Promise<string[][]>;

/**
 * During a re-key a record is stored under the references of both epochs, so that inquiries under either find
 * it; before and after there is one.
 */
export function referencesOfEach(source: BlindReferences): SubjectReferences {
  return async (identifiers) => {
    const inputs = identifiers.map(subjectInput);
    const byEpoch = await source.inEachEpoch(async (epoch) => await source.derive(inputs, epoch));
    return identifiers.map((_, at) => byEpoch.flatMap((refs) => refs[at] ?? []));
  };
}
