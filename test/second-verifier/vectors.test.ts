import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ledgerJudges, type VectorName } from '../../scripts/vectors/ledger-judges.ts';
import { outcomeOf, type VectorFile } from '../../scripts/vectors/vector.ts';
import { secondJudges, secondOutcome } from './second-judges.ts';

const ROOT = join(import.meta.dirname, '../..');
const names = Object.keys(ledgerJudges) as VectorName[];
const read = <T>(path: string): T => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;

describe.each(names)('%s', (name) => {
  const { common, vectors } = read<VectorFile>(`docs/protocol/vectors/${name}.json`);

  test.each(vectors)('$comment', (vector) => {
    const given = { ...common, ...vector.given };
    const expected = 'refused' in vector ? { refused: vector.refused } : { shown: vector.shown };
    expect(outcomeOf(ledgerJudges[name], given)).toEqual(expected);
    expect(secondOutcome(secondJudges[name], given)).toEqual(expected);
  });
});
