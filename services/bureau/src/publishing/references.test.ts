import type { BlindReferences } from '@causeway/member';
import { subjectInput } from '@causeway/records/identifiers';
import { describe, expect, it } from 'vitest';

import { referencesOfEach } from './references.ts';
import { resident } from './test-residents.ts';

const people = [1, 2, 3].map((n) => ({ scheme: 'gb11643', value: resident(n) }) as const);

/** A source that says what it was asked. */
function sourceOf(...epochs: string[]) {
  const asked: string[] = [];
  const derive = async (inputs: readonly Uint8Array[], epoch: string): Promise<string[]> => {
    asked.push(epoch);
    return inputs.map((input) => `${epoch} ${Buffer.from(input).toString()}`);
  };
  const inEachEpoch: BlindReferences['inEachEpoch'] = async (act) => await Promise.all(epochs.map(act));
  return { asked, source: { inEachEpoch, derive } };
}

const named = (epoch: string, person: (typeof people)[number]): string =>
  `${epoch} ${Buffer.from(subjectInput(person)).toString()}`;

describe('the references of a published file', () => {
  it('are one for each person, in their order', async () => {
    const { source, asked } = sourceOf('1');
    expect(await referencesOfEach(source)(people)).toEqual(people.map((person) => [named('1', person)]));
    expect(asked).toEqual(['1']);
  });

  it('are two for each while a re-key is under way, the current one first', async () => {
    const { source } = sourceOf('2', '1');
    expect(await referencesOfEach(source)(people)).toEqual(
      people.map((person) => [named('2', person), named('1', person)]),
    );
  });

  it('are none for nobody', async () => {
    expect(await referencesOfEach(sourceOf('1').source)([])).toEqual([]);
  });
});
