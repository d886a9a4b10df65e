import type { PublicJwk } from './keys.ts';

/** What the directory says of one key. Times are seconds since the epoch. */
export interface KeyEntry {
  readonly member: string;
  readonly jwk: PublicJwk;
  /** What it may be used for: statement types, and uses outside statements such as 'access-token'. */
  readonly use: readonly string[];
  readonly from: number;
  /** What it signed before stays good until its exp. */
  readonly retired_at?: number;
  /** From the moment the directory says so, nothing it signed has a new effect. */
  readonly revoked_at?: number;
  readonly member_status: 'active' | 'suspended';
}

/** Finds a key by its kid. Keys come from the directory and from nowhere else. */
export type KeyLookup = (kid: string) => KeyEntry | undefined;
