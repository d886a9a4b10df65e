/** Bounds that more than one package relies on; units last. Each loop, body, batch and page has one. */
export const limits = {
  /** A request body on a public listener, unless a route says otherwise. */
  bodyBytesMax: 1_048_576,
  /** A consent, inquiry, grant, refusal, status, ack or batch. */
  statementBytesMax: 65_536,
  /** A disclosure: one bureau's records on one subject. */
  disclosureBytesMax: 4_194_304,
  /** A report: all bureaus' records on one subject, merged. */
  reportBytesMax: 16_777_216,
  /** A signed directory head. */
  directoryBytesMax: 4_194_304,
  /** A member's directory entry. */
  entryBytesMax: 131_072,
  /** An evidence bundle. */
  bundleBytesMax: 67_108_864,
  /** Nesting of arrays and objects in received JSON. */
  jsonDepthMax: 32,
  /** Identifiers in one blind evaluation; a canary comes beside them. */
  blindBatchMax: 500,
  /** Bureaus that one consent or inquiry may reach. */
  bureausMax: 64,
  /** Items in one batch call on a federation listener. */
  batchItemsMax: 128,
  /** Records in one disclosure. */
  recordsMax: 2000,
  /** Conflicts in one report. */
  conflictsMax: 10_000,
} as const;
