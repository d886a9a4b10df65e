/**
 * Why a ledger's text, proof or signature was refused. The sentence is public: it names the rule, and nothing
 * of what was sent.
 */
export const ledgerErrors = {
  /** A note, checkpoint, proof, tile, path or key is not in its one spelling, or exceeds a bound. */
  malformed: 'This is not in the form that the ledger format asks for.',
  /** The checkpoint is another ledger's. */
  origin_unexpected: 'The checkpoint belongs to another ledger.',
  /** No known key has signed. */
  signature_missing: 'No known key has signed this.',
  /** A known key's signature does not verify; the whole note is refused. */
  signature_invalid: 'A signature under a known key does not verify.',
  /** The hashes do not lead to the root, or to both roots. */
  proof_invalid: 'The proof does not hold for this tree.',
  /** Too few witnesses have cosigned. */
  quorum_missing: 'The checkpoint lacks the witness cosignatures that make it count.',
} as const;

export type LedgerErrorCode = keyof typeof ledgerErrors;

/** The one error that this package throws at what somebody sent. The code is of a closed set. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;
  /** The rule that was broken, in a sentence that anyone may read. */
  readonly publicDetail: string;

  constructor(code: LedgerErrorCode, detail: string = ledgerErrors[code]) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.publicDetail = detail;
  }
}
