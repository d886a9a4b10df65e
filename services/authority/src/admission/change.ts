import { seconds } from '@causeway/kernel';
import { exact, memberIdSchema, timeSchema } from '@causeway/protocol/claim-types';
import { CausewayError } from '@causeway/protocol/errors';
import { checkPublicKey } from '@causeway/protocol/keys';
import { transaction } from '@causeway/service/database';
import { Type, type Static } from 'typebox';
import { signedActSchema } from '@causeway/protocol/officer-act';
import { type CheckedAct, type MemberAct, checkMemberAct } from './act.ts';
import { type Acknowledgements, drainNodes } from './drain.ts';
import { applyAct } from './member-acts.ts';
import { bringIntoForce, recordChange } from './record.ts';
import * as rows from './repository.ts';
import { type AdmissionDeps, checkFreshKeys } from './service.ts';
import { readProof } from '@causeway/protocol/signed-json';

/** An act on a member; a new key comes with the proof that its holder has it. */
export const memberActBody = exact({
  act: signedActSchema,
  proof: Type.Optional(Type.String({ maxLength: 2048 })),
});

type Body = Static<typeof memberActBody>;

const keyProof = exact({ fed: Type.String(), member: memberIdSchema, jti: Type.String(), iat: timeSchema });

/**
 * Changes a member's status or keys by an act of two officers; in force in the directory when this returns.
 * Where it takes rights away, brokers and consumer service have acknowledged that they work for the member
 * no more.
 * @throws CausewayError as `checkMemberAct` and `applyAct`, `not_found`, `link_mismatch` for an act on
 *   another member
 */
export async function changeMember(
  deps: AdmissionDeps,
  member: string,
  body: Body,
): Promise<{ directory_version: number } & Partial<Acknowledgements>> {
  const { officers, fed, clock } = deps;
  const checked = checkMemberAct(body.act, { officers, fed, nowS: seconds(clock) });
  if (checked.act.member !== member) {
    throw new CausewayError('link_mismatch', {
      detail: 'The act is about another member than the path names.',
    });
  }
  checkKeyProof(deps, checked.act, body.proof);
  await commit(deps, checked, body);
  // A crash here leaves a change that no head vouches for yet: the signer's next tick signs one.
  await deps.faults.at('act-committed');
  const directory_version = await bringIntoForce(deps);
  if (!takesRights.has(checked.act.act)) return { directory_version };
  return { directory_version, ...(await drainNodes(deps, deps.directory.view())) };
}

/** Acts that end what the member may do, at once. */
const takesRights: ReadonlySet<MemberAct['act']> = new Set(['suspend', 'revoke_key'] as const);

function checkKeyProof(deps: AdmissionDeps, act: MemberAct, proof: string | undefined): void {
  if (act.act !== 'add_key') {
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

async function commit(deps: AdmissionDeps, checked: CheckedAct<MemberAct>, body: Body): Promise<void> {
  const { act, digest } = checked;
  await transaction(deps.db, async (trx) => {
    await rows.lockMembership(trx);
    if (await rows.actIsRecorded(trx, act.jti, digest)) return;
    const entries = await rows.entriesInForce(trx);
    const present = entries.find((entry) => entry.id === act.member);
    if (!present) throw new CausewayError('not_found');
    if (act.act === 'add_key') checkFreshKeys(entries, [checkPublicKey(act.jwk)]);
    const entry = applyAct(present, act, seconds(deps.clock));
    await recordChange(trx, deps, { checked, signed: body.act, proof: body.proof ?? null, entry });
  });
}
