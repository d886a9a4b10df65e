import { stageLeaf } from '@causeway/member/leaves';
import { type Digest, sha256Digest } from '@causeway/protocol/digest';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { Transaction } from 'kysely';
import type { IssuedCertificate } from '../certificates/certificate.ts';
import type { AuthorityTables } from '../tables.ts';
import type { SignedAct } from '@causeway/protocol/officer-act';
import type { Admit, CheckedAct, MemberAct } from './act.ts';
import * as rows from './repository.ts';
import type { AdmissionDeps } from './service.ts';

type Trx = Transaction<AuthorityTables>;

interface Change {
  readonly checked: CheckedAct<Admit | MemberAct>;
  readonly signed: SignedAct;
  readonly proof: string | null;
  /** The member's entry as the act leaves it. */
  readonly entry: MemberEntry;
}

/** Stores an act, the entry it makes, and the act's leaf, in the transaction of the change. */
export async function recordChange(trx: Trx, deps: AdmissionDeps, change: Change): Promise<void> {
  const { checked, signed, proof, entry } = change;
  const { act, digest } = checked;
  const atMs = deps.clock.now();
  await rows.insertAct(trx, {
    digest,
    jti: act.jti,
    act: act.act,
    member: entry.id,
    signed: JSON.stringify(signed),
    proof,
    at_ms: atMs,
  });
  await rows.putEntry(trx, { text: JSON.stringify(entry), member: entry.id, act: digest, atMs });
  await leaf(trx, deps, { typ: 'act', digest, outcome: act.act, about: entry.id });
}

/** Stores a certificate and its leaf: no certificate is issued that the ledger does not show. */
export async function recordCertificate(
  trx: Trx,
  deps: AdmissionDeps,
  of: { certificate: IssuedCertificate; member: string; act: Digest },
): Promise<void> {
  const { certificate, member, act } = of;
  await rows.insertCertificate(trx, certificate, { member, act });
  await leaf(trx, deps, {
    typ: 'certificate',
    digest: sha256Digest(certificate.pem),
    outcome: null,
    about: member,
  });
}

interface Leaf {
  readonly typ: string;
  readonly digest: Digest;
  readonly outcome: string | null;
  readonly about: string;
}

async function leaf(trx: Trx, deps: AdmissionDeps, { typ, digest, outcome, about }: Leaf): Promise<void> {
  await stageLeaf(trx, about, {
    typ,
    digest,
    inquiry: null,
    use: null,
    iss: deps.authority,
    aud: about,
    at_ms: deps.clock.now(),
    outcome,
  });
}

/**
 * Has the directory signed with what was committed, and follows it. A crash between the commit and this
 * leaves a change that no head names yet; the signer's own tick signs it within a second.
 */
export async function bringIntoForce(deps: AdmissionDeps): Promise<number> {
  const version = await deps.signer.publish();
  await deps.directory.refresh(version);
  return version;
}
