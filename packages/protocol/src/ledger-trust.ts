import { formatVerifierKey, ledgerOrigin, noteKey, witnessName } from '@causeway/ledger';
import type { ProofTrust, Witness } from '@causeway/ledger';
import { decodeBase64url } from './base64url.ts';
import { nodesIn, type DirectoryView } from './directory.ts';
import { CausewayError } from './errors.ts';
import type { PublicJwk } from './keys.ts';

/** What the directory has to say about ledgers and their witnesses. */
export type LedgerDirectory = Pick<DirectoryView, 'fed' | 'member' | 'membersWith'>;

/** A member's ledger with all that its proofs are judged by; none of it comes from a proof. */
export interface LedgerTrust extends ProofTrust {
  readonly member: string;
}

/**
 * The ledger of a member by the verified directory. Suspended members witness no less: what they cosigned
 * they saw.
 *
 * @throws CausewayError `member_unknown` where the directory names no ledger of this member
 */
export function ledgerTrust(view: LedgerDirectory, member: string): LedgerTrust {
  const jwk = view.member(member)?.ledger_key;
  if (!jwk) throw new CausewayError('member_unknown', { detail: `the directory has no ledger of ${member}` });
  const origin = ledgerOrigin(view.fed, member);
  const [authority] = view.membersWith('authority');
  return {
    member,
    ledger: { origin, keys: [noteKey(origin, 'note', bytesOf(jwk))] },
    witnesses: witnessesIn(view),
    quorum: { operator: member, authority: authority?.id ?? '' },
  };
}

/** The keys of a ledger and of all witnesses as verifier keys, a line each: what foreign tools are given. */
export function verifierKeys({ ledger, witnesses }: LedgerTrust): string[] {
  return [...ledger.keys, ...witnesses.map(({ key }) => key)].map(formatVerifierKey);
}

function witnessesIn(view: LedgerDirectory): Witness[] {
  return nodesIn(view).flatMap(({ id, witness_key: jwk }) =>
    jwk ? [{ member: id, key: noteKey(witnessName(view.fed, id), 'cosignature', bytesOf(jwk)) }] : [],
  );
}

/** The 32 bytes of an Ed25519 public key. */
const bytesOf = ({ x }: PublicJwk): Uint8Array => decodeBase64url(x, '/ledger_key');
