/** The only source of unpredictable bytes: passed in, so that a run with a fixed seed can be repeated. */
export interface Random {
  /** `n` fresh bytes; the caller owns the array. */
  bytes(n: number): Uint8Array;
}
