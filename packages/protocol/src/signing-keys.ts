import type { KeyLookup } from './key-lookup.ts';
import type { SigningKey } from './keys.ts';
import type { StatementType } from './statement-types.ts';
import { pollSeconds } from './statements/directory.ts';

/** The keys of a member that may change while it runs: which one signs is asked for each statement. */
export interface SigningKeys {
  readonly member: string;
  /** @throws CausewayError not_ready: no key of the member may sign this now */
  for(type: StatementType): SigningKey;
}

/** What signs a member's statements: one key, or keys of which the directory decides. */
export type SignsWith = SigningKey | SigningKeys;

/** The key that signs a statement of this type now. */
export function keyFor(by: SignsWith, type: StatementType): SigningKey {
  return 'for' in by ? by.for(type) : by;
}

/** After two polls every node has seen a directory, the ones whose clocks differ by two seconds too. */
const settledSeconds = 2 * pollSeconds + 2;

/**
 * Of a member's own keys the newest that the directory lists for this type and that every node has had time
 * to hear of; where none is that old, the oldest. Retired and revoked ones sign nothing. Undefined where the
 * directory lets none of them sign. `nowS` in seconds since the epoch.
 */
export function chooseKey<K extends Pick<SigningKey, 'kid'>>(
  own: readonly K[],
  type: StatementType,
  directory: KeyLookup,
  nowS: number,
): K | undefined {
  const usable = own
    .flatMap((key) => {
      const entry = directory(key.kid);
      if (!entry?.use.includes(type) || entry.from > nowS) return [];
      return entry.retired_at === undefined && entry.revoked_at === undefined
        ? [{ key, from: entry.from }]
        : [];
    })
    .toSorted((a, b) => b.from - a.from || (a.key.kid < b.key.kid ? -1 : 1));
  const settled = usable.find(({ from }) => nowS - from >= settledSeconds);
  return (settled ?? usable.at(-1))?.key;
}
