/** What a fault proxy does to the bytes that pass, in both directions, on every connection. */
export interface Conditions {
  /** Time on the way, one way, milliseconds; up to `jitterMs` more, another amount for each piece. */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  /** Each direction of each connection passes no more than this. */
  readonly bytesPerSecond?: number;
  /** Nothing passes, and nobody is told: connections stay open, new ones open, bytes wait. */
  readonly blackHole?: boolean;
  /** A connection is reset once so many bytes have come from its client; those still pass. */
  readonly cutAfterBytes?: number;
}
