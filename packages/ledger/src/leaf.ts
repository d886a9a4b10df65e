import type { Digest } from './entry.ts';

/**
 * What a leaf stands for: served to the reconciler, never published. It never says whom a statement is about.
 * The leaf itself is `digest` and nothing else.
 */
export interface LeafOpening {
  /** The statement's type, as in `disclosure`. */
  readonly typ: string;
  readonly digest: Digest;
  /** The inquiry that the statement belongs to; null where there is none. */
  readonly inquiry: Digest | null;
  readonly use: number | null;
  readonly iss: string;
  readonly aud: string;
  /**
   * When its record was committed, milliseconds since the epoch by this node's clock; order is by index only.
   */
  readonly at_ms: number;
  readonly outcome: string | null;
}
