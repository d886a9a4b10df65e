import type { ClaimsOf } from '@causeway/protocol';

/** What a consent request names, and what of it the subject may leave out. */
export interface RequestParts {
  readonly categories: string[];
  readonly bureaus: string[];
  readonly optional?: { categories?: string[]; bureaus?: string[] };
}

/** True where all that is required is there, nothing but what was asked for, and something was left out. */
export function isNarrowed(
  given: Pick<ClaimsOf<'consent'>, 'bureaus' | 'categories'>,
  { bureaus, categories, optional }: RequestParts,
): boolean {
  const kinds: [readonly string[], readonly string[], readonly string[]][] = [
    [given.bureaus, bureaus, optional?.bureaus ?? []],
    [given.categories, categories, optional?.categories ?? []],
  ];
  const within = kinds.every(
    ([left, asked, mayGo]) =>
      left.every((one) => asked.includes(one)) &&
      asked.every((one) => left.includes(one) || mayGo.includes(one)),
  );
  return within && kinds.some(([left, asked]) => left.length < asked.length);
}
