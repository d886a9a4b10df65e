import { ledgerOrigin, noteKey, witnessName } from '@causeway/ledger';
import type { KnownLedger, NoteKey, QuorumRule, Witness } from '@causeway/ledger';
import { nodesIn } from '@causeway/protocol';
import type { DirectoryView, PublicJwk } from '@causeway/protocol';

export { witnessName };

/** The part of the directory that says whose ledgers and whose witnesses count. */
export type LedgerDirectory = Pick<DirectoryView, 'fed' | 'member' | 'membersWith'>;

/** A ledger of the federation: whose it is, and what its checkpoints are signed with. */
export interface MemberLedger extends KnownLedger {
  readonly member: string;
}

/**
 * The ledger of an origin, where it is that of a member with a ledger key. A suspended member's too: what it
 * still places is witnessed like everything before.
 */
export function ledgerOf(view: LedgerDirectory, origin: string): MemberLedger | undefined {
  const prefix = ledgerOrigin(view.fed, '');
  const entry = origin.startsWith(prefix) ? view.member(origin.slice(prefix.length)) : undefined;
  if (entry?.ledger_key === undefined) return undefined;
  const keyOf = (jwk: PublicJwk): NoteKey => noteKey(origin, 'note', publicBytes(jwk));
  const retired = (entry.retired_ledger_keys ?? []).map(({ jwk, retired_at: until_s }) => ({
    key: keyOf(jwk),
    until_s,
  }));
  return { member: entry.id, origin, keys: [keyOf(entry.ledger_key)], retired };
}

/** All whose cosignatures can be verified, suspended ones too: what they cosigned they saw. */
export function witnessesIn(view: LedgerDirectory): Witness[] {
  return nodesIn(view).flatMap(({ id, witness_key: jwk }) =>
    jwk ? [{ member: id, key: noteKey(witnessName(view.fed, id), 'cosignature', publicBytes(jwk)) }] : [],
  );
}

/** A member that cosigns. */
export interface WitnessMember {
  readonly member: string;
  readonly key: NoteKey;
  readonly isAuthority: boolean;
}

/** Whom `self` can ask for a cosignature: active nodes with a witness key and a listener, itself never. */
export function witnessesFor(view: LedgerDirectory, self: string): WitnessMember[] {
  return nodesIn(view).flatMap(({ id, status, endpoints, witness_key: jwk, roles }) => {
    const away = status !== 'active' || endpoints.federation === undefined;
    if (id === self || away || jwk === undefined) return [];
    const key = noteKey(witnessName(view.fed, id), 'cosignature', publicBytes(jwk));
    return [{ member: id, key, isAuthority: roles.includes('authority') }];
  });
}

/** Whose cosignatures count for the ledger of `member`. */
export function quorumOf(view: LedgerDirectory, member: string): QuorumRule {
  const [authority] = view.membersWith('authority');
  return { operator: member, authority: authority?.id ?? '' };
}

/** The 32 bytes of an Ed25519 public key. */
function publicBytes({ x }: PublicJwk): Uint8Array {
  return Buffer.from(x, 'base64url');
}
