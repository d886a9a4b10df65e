import { seconds } from '@causeway/kernel';
import { exact, memberIdSchema, timeSchema } from '@causeway/protocol/claim-types';
import { sha256Digest } from '@causeway/protocol/digest';
import { CausewayError } from '@causeway/protocol/errors';
import { checkPublicKey } from '@causeway/protocol/keys';
import { signedActSchema } from '@causeway/protocol/officer-act';
import { readProof } from '@causeway/protocol/signed-json';
import { transaction } from '@causeway/service/database';
import { Type, type Static } from 'typebox';
import type { IssuedCertificate } from '../certificates/certificate.ts';
import { readSigningRequest } from '../certificates/signing-request.ts';
import { type CheckedAct, type MemberAct, checkMemberAct } from './act.ts';
import { type Acknowledgements, drainNodes } from './drain.ts';
import { issueFor } from './issue.ts';
import { applyAct } from './member-acts.ts';
import { bringIntoForce, recordCertificate, recordChange } from './record.ts';
import * as rows from './repository.ts';
import { type AdmissionDeps, checkFreshKeys } from './service.ts';

/**
 * An act on a member; a new key comes with the proof that its holder has it, a new certificate with the
 * request for it.
 */
export const memberActBody = exact({
  act: signedActSchema,
  proof: Type.Optional(Type.String({ maxLength: 2048 })),
  csr: Type.Optional(Type.String({ maxLength: 8192 })),
});

type Body = Static<typeof memberActBody>;

const keyProof = exact({ fed: Type.String(), member: memberIdSchema, jti: Type.String(), iat: timeSchema });

export interface MemberChanged extends Partial<Acknowledgements> {
  readonly directory_version: number;
  /** PEM, where the act was for one. */
  readonly certificate?: string;
  readonly ca?: string;
}

/**
/**
 * Changes a member's status, keys or certificates by an act of two officers; in force in the directory when
 * this returns. Where it takes rights away, brokers and consumer service have acknowledged that they work for
 * the member no more. The same act again changes nothing and answers the same.
 * @throws CausewayError as `checkMemberAct`, `readSigningRequest` and `applyAct`, `not_found`,
 *   `link_mismatch` for an act on another member, `digest_mismatch` for another request than the
 *   officers have seen
 */
export async function changeMember(deps: AdmissionDeps, member: string, body: Body): Promise<MemberChanged> {
  const { officers, fed, clock } = deps;
  const checked = checkMemberAct(body.act, { officers, fed, nowS: seconds(clock) });
  if (checked.act.member !== member) {
    throw new CausewayError('link_mismatch', {
      detail: 'The act is about another member than the path names.',
    });
  }
  checkKeyProof(deps, checked.act, body.proof);
  checkRequest(checked.act, body.csr);
  await commit(deps, checked, body, await certificateFor(deps, checked, body.csr));
  // A crash here leaves a change that no head vouches for yet: the signer's next tick signs one.
  await deps.faults.at('act-committed');
  const directory_version = await bringIntoForce(deps);
  const drained = takesRights.has(checked.act.act) ? await drainNodes(deps, deps.directory.view()) : {};
  const issued = await rows.certificateOf(deps.db, checked.digest);
  return { directory_version, ...drained, ...(issued ? { certificate: issued, ca: deps.caPem } : {}) };
}

/** Acts that end what the member may do, at once. */
const takesRights: ReadonlySet<MemberAct['act']> = new Set(['suspend', 'revoke_key', 'set_staff'] as const);

function checkKeyProof(deps: AdmissionDeps, act: MemberAct, proof: string | undefined): void {
  if (act.act !== 'add_key' && act.act !== 'replace_tree_key') {
    if (proof !== undefined) throw new CausewayError('bad_request', { pointer: '/proof' });
    return;
  }
  const key = checkPublicKey(act.jwk);
  if (proof === undefined) {
    throw new CausewayError('bad_request', {
      detail: 'A new key comes with a proof by it.',
      pointer: '/proof',
    });
  }
  const claims = readProof(proof, 'causeway-key+jws', key, keyProof);
  if (claims.fed !== deps.fed || claims.member !== act.member || claims.jti !== act.jti) {
    throw new CausewayError('link_mismatch', { pointer: '/proof' });
  }
}

function checkRequest(act: MemberAct, csr: string | undefined): void {
  if ((act.act === 'add_certificate') !== (csr !== undefined)) {
    throw new CausewayError('bad_request', {
      detail: 'A new certificate, and nothing else, comes with a request for it.',
      pointer: '/csr',
    });
  }
  if (act.act !== 'add_certificate' || csr === undefined) return;
  if (sha256Digest(csr) !== act.csr) {
    throw new CausewayError('digest_mismatch', { detail: 'The officers signed for another request.' });
  }
  readSigningRequest(csr);
}

/** A certificate that is issued and then not committed counts nowhere: no directory names it. */
async function certificateFor(
  deps: AdmissionDeps,
  { act, digest }: CheckedAct<MemberAct>,
  csr: string | undefined,
): Promise<IssuedCertificate | undefined> {
  if (csr === undefined || (await rows.actIsRecorded(deps.db, act.jti, digest))) return undefined;
  const entries = await rows.entriesInForce(deps.db);
  const entry = entries.find(({ id }) => id === act.member);
  if (!entry) throw new CausewayError('not_found');
  return await issueFor(deps, { member: entry.id, csr, endpoint: entry.endpoints.federation });
}

async function commit(
  deps: AdmissionDeps,
  checked: CheckedAct<MemberAct>,
  body: Body,
  certificate: IssuedCertificate | undefined,
): Promise<void> {
  const { act, digest } = checked;
  await transaction(deps.db, async (trx) => {
    await rows.lockMembership(trx);
    if (await rows.actIsRecorded(trx, act.jti, digest)) return;
    const entries = await rows.entriesInForce(trx);
    const present = entries.find((entry) => entry.id === act.member);
    if (!present) throw new CausewayError('not_found');
    if ('jwk' in act) checkFreshKeys(await rows.entriesEver(trx), [checkPublicKey(act.jwk)]);
    const entry = applyAct(present, act, seconds(deps.clock), certificate);
    await recordChange(trx, deps, { checked, signed: body.act, proof: body.proof ?? null, entry });
    if (certificate) await recordCertificate(trx, deps, { certificate, member: entry.id, act: digest });
  });
}
