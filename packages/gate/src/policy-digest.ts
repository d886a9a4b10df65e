import { policyText, type PolicySet } from '@causeway/policy';
import { sha256Digest, type Digest } from '@causeway/protocol';

/** The digest by which the directory names a policy set: SHA-256 of its text. */
export function policyDigest(policy: PolicySet): Digest {
  return sha256Digest(policyText(policy));
}
