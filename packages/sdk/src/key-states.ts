import { type DirectoryView, type MemberEntry, chooseKey, isStatementType, kidOf } from '@causeway/protocol';

/** A member’s key in the directory. Of several that stand, the others overlap with the one that signs. */
export interface KeyState {
  member: string;
  use: readonly string[];
  /** The public key itself, base64url. */
  thumbprint: string;
  state: 'in use' | 'overlaps' | 'retired' | 'revoked';
}

/** The keys of a member with their state at a time, in seconds since the epoch. */
export function keyStates(
  member: MemberEntry,
  { keys }: Pick<DirectoryView, 'keys'>,
  nowS: number,
): KeyState[] {
  const own = member.keys.map((key) => ({ ...key, kid: kidOf(member.id, key.jwk) }));
  const signs = (kid: string, use: readonly string[]): boolean =>
    use.some((each) => !isStatementType(each) || chooseKey(own, each, keys, nowS)?.kid === kid);
  return own.map(({ jwk, kid, retired_at, revoked_at, use }) => ({
    ...{ member: member.id, use, thumbprint: jwk.x },
    state: revoked_at ? 'revoked' : retired_at ? 'retired' : signs(kid, use) ? 'in use' : 'overlaps',
  }));
}
