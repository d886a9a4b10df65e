import { type Digest, type EvidenceVerdict, parseStrictJson, verifyBundle } from '@causeway/protocol';

/**
 * Checks an evidence bundle offline: every signature under the directory that the bundle carries, the
 * directory under the anchor, every link between the statements.
 *
 * @param anchor fingerprint of the federation's root file; without one the verdict is
 * `consistent_signer_unknown`
 * @throws CausewayError naming the first check that failed
 */
export function verifyEvidence(text: string, anchor?: Digest): EvidenceVerdict {
  return verifyBundle(parseStrictJson(text), anchor === undefined ? {} : { anchor });
}
