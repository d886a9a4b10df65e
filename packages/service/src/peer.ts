import { createHash } from 'node:crypto';
import type { PeerCertificate, TLSSocket } from 'node:tls';

import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { MemberEntry } from '@causeway/protocol';

/**
 * The part of the directory that connections are judged by; throws `not_ready` when it is absent or expired.
 */
export type Members = () => { member(id: string): MemberEntry | undefined };

interface Identity {
  readonly member: string;
  readonly thumbprint: string;
  readonly notAfterMs: number;
}

/** One handshake, one identity; whether it still counts is asked on each request. */
const identities = new WeakMap<TLSSocket, Identity>();

/**
 * The member behind a connection, by its certificate's one SAN URI `urn:causeway:<fed>:<member>`. The
 * certificate must be listed in the member's directory entry now, and the member active now: an open
 * connection outlives neither.
 * @throws CausewayError member_unknown, member_suspended, not_ready
 */
export function identifyPeer(socket: TLSSocket, fed: string, members: Members, clock: Clock): string {
  let identity = identities.get(socket);
  if (identity === undefined) {
    identity = readIdentity(socket, fed);
    identities.set(socket, identity);
  }
  if (clock.now() >= identity.notAfterMs) {
    throw new CausewayError('member_unknown', { internal: 'certificate expired' });
  }
  checkListed(identity, members);
  return identity.member;
}

function readIdentity(socket: TLSSocket, fed: string): Identity {
  const certificate = socket.getPeerX509Certificate();
  if (!socket.authorized || certificate === undefined) {
    throw new CausewayError('member_unknown', { internal: 'no certificate' });
  }
  const member = memberOf(certificate.subjectAltName, fed);
  return { member, thumbprint: thumbprintOf(certificate.raw), notAfterMs: certificate.validToDate.getTime() };
}

function checkListed(identity: Pick<Identity, 'member' | 'thumbprint'>, members: Members): void {
  const entry = members().member(identity.member);
  if (entry === undefined || !entry.certificates.includes(identity.thumbprint)) {
    throw new CausewayError('member_unknown', { internal: 'certificate not in the directory' });
  }
  if (entry.status !== 'active') throw new CausewayError('member_suspended');
}

/** SHA-256 over the DER form, lower-case hex, as directory entries list it. */
export function thumbprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

/** Exactly one URI name, ours; DNS and address names beside it mean nothing. */
function memberOf(subjectAltName: string | undefined, fed: string): string {
  const uris = (subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'));
  const match = /^URI:urn:causeway:([a-z][a-z0-9-]{1,38}):([a-z][a-z0-9-]{1,38})$/u.exec(uris[0] ?? '');
  if (uris.length !== 1 || match?.[1] !== fed || match[2] === undefined) {
    throw new CausewayError('member_unknown', { internal: 'certificate names no member of this federation' });
  }
  return match[2];
}

/**
 * For the calling side: the server must be this member, whatever its host name. Returns the reason of a
 * refusal in the form that `tls.connect` wants from `checkServerIdentity`.
 */
export function checkServerIs(member: string, fed: string, members: Members) {
  return (_host: string, certificate: PeerCertificate): Error | undefined => {
    try {
      const named = memberOf(certificate.subjectaltname, fed);
      if (named !== member)
        throw new CausewayError('member_unknown', { internal: 'server is another member' });
      checkListed({ member, thumbprint: thumbprintOf(certificate.raw) }, members);
      return undefined;
    } catch (cause) {
      // Not a code of ours: to the caller this is a member that cannot be reached.
      return new Error('the server is not the member called', { cause });
    }
  };
}
