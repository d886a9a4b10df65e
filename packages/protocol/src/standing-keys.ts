import type { KeyLookup } from './key-lookup.ts';

/**
 * Keys as if none had been revoked and no member suspended: for statements whose signature still tells who
 * made them, where somebody else decides what they may still do.
 */
export function standingKeys(keys: KeyLookup): KeyLookup {
  return (kid) => {
    const entry = keys(kid);
    if (entry === undefined) return undefined;
    const { revoked_at: _revoked, ...standing } = entry;
    return { ...standing, member_status: 'active' };
  };
}
