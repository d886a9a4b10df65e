import { decodeBase64url, encodeBase64url, isSubjectRef } from '@causeway/protocol';
import { evaluate, finalize, blind, generateBlindKey, subjectRef } from '@causeway/protocol/blind-reference';
import { subjectInput } from '@causeway/records/identifiers';
import type { FederationCall } from '@causeway/service/federation-client';
import type { TSchema } from 'typebox';
import { describe, expect, it } from 'vitest';

import { blindReferences } from './references.ts';
import { resident } from './test-residents.ts';

const key = generateBlindKey();
const people = [1, 2, 3].map((n) => ({ scheme: 'gb11643', value: resident(n) }) as const);

/** An authority in process; remembers what it was shown. */
function authority(change: (evaluated: string[]) => string[] = (each) => each) {
  const seen: string[] = [];
  const call = async (request: FederationCall<TSchema>): Promise<never> => {
    const { blinded } = request.body as { blinded: string[] };
    seen.push(JSON.stringify(request.body));
    const evaluated = evaluate(
      key,
      blinded.map((text) => decodeBase64url(text)),
    ).map((each) => encodeBase64url(each));
    return { epoch: '1', evaluated: change(evaluated) } as never;
  };
  return { seen, references: blindReferences({ call }, () => 'authority') };
}

const direct = (person: (typeof people)[number]): string => {
  const input = subjectInput(person);
  const { blinded, state } = blind(input);
  const [evaluated] = evaluate(key, [blinded]);
  return subjectRef('1', finalize(input, state, evaluated ?? blinded));
};

describe('blind references', () => {
  it('are the same for the same person, in order, whoever asks', async () => {
    const { references } = authority();
    const refs = await references(people);
    expect(refs).toEqual(people.map(direct));
    expect(refs.every(isSubjectRef)).toBe(true);
    expect(await references([])).toEqual([]);
  });

  it('show the authority no identifier, and never the same element twice', async () => {
    const { references, seen } = authority();
    await references(people);
    await references(people);
    expect(new Set(seen).size).toBe(2);
    for (const { value } of people) expect(seen.join()).not.toContain(value);
  });

  it('are asked for in batches of 500', async () => {
    const { references, seen } = authority();
    const crowd = Array.from({ length: 501 }, (_, n) => ({ scheme: 'gb11643', value: resident(n) }) as const);
    expect(new Set(await references(crowd)).size).toBe(501);
    expect(seen).toHaveLength(2);
  });

  it('are refused where the authority evaluates fewer elements, or something that is none', async () => {
    await expect(authority((all) => all.slice(1)).references(people)).rejects.toThrow('unavailable');
    await expect(authority((all) => all.map(() => 'A'.repeat(43))).references(people)).rejects.toThrow(
      'bad_request',
    );
  });
});
