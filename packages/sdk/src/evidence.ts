import { limits } from '@causeway/kernel';
import {
  CausewayError,
  type Digest,
  type EvidenceVerdict,
  parseStrictJson,
  verifyBundle,
} from '@causeway/protocol';
import { recompute } from './reports.ts';

/**
 * Checks an evidence bundle offline: the directory that it carries under the anchor, every leaf in its
 * ledger, every signature by the keys of the time when witnesses saw it, every link between the statements,
 * and that merging the disclosures again gives the report.
 *
 * @param anchor fingerprint of a version of the root file; without one the verdict is
 * `consistent_signer_unknown`; where a statement has no proof it is `unproven`
 * @param roots root files that the reader has, oldest first: from an anchor younger than the bundle they lead
 * to the root of its time
 * @throws CausewayError naming the first check that failed
 */
export function verifyEvidence(text: string, anchor?: Digest, roots?: readonly unknown[]): EvidenceVerdict {
  const bundle = parseStrictJson(text, { bytesMax: limits.bundleBytesMax });
  const verdict = verifyBundle(bundle, {
    ...(anchor === undefined ? {} : { anchor }),
    ...(roots === undefined ? {} : { roots }),
  });
  const { report, disclosures } = verdict.statements;
  recompute(report, disclosures);
  const merge = { name: 'merge', ok: true as const, detail: 'of the disclosures, made again, is the report' };
  return { ...verdict, checks: [...verdict.checks, merge] };
}

/**
 * The same for a bundle that has just been fetched, which must be the one asked for.
 *
 * @throws CausewayError `link_mismatch` where it is the sound evidence of another inquiry
 */
export function checkFetchedEvidence(
  text: string,
  anchor: Digest,
  asked: { id: string; lender: string },
): void {
  const { jti, iss } = verifyEvidence(text, anchor).statements.inquiry.claims;
  if (jti !== asked.id || iss !== asked.lender) {
    throw new CausewayError('link_mismatch', { detail: 'the evidence is of another inquiry' });
  }
}
