import { uuidv7Pattern } from '@causeway/kernel';
import { digestSchema, exact, memberIdSchema, timeSchema } from '@causeway/protocol/claim-types';
import { type Digest, sha256Digest } from '@causeway/protocol/digest';
import { CausewayError } from '@causeway/protocol/errors';
import { memberStaffSchema } from '@causeway/protocol/member-entry';
import { type SignedAct, actSigners } from '@causeway/protocol/officer-act';
import { readPayload } from '@causeway/protocol/signed-json';
import { Type, type Static } from 'typebox';
import type { Officers } from '@causeway/service/officers';

const common = {
  fed: Type.String(),
  iat: timeSchema,
  /** The act's id: each counts once. */
  jti: Type.String({ pattern: uuidv7Pattern }),
};

const uuid = Type.String({ pattern: uuidv7Pattern });
const keyId = Type.String({ maxLength: 96 });

/** Admits the applicant of exactly this application, whose digest the officers have seen. */
const admitSchema = exact({ ...common, act: Type.Literal('admit'), application: uuid, digest: digestSchema });

/** What officers may do to a member afterwards. */
const memberActSchema = Type.Union([
  exact({ ...common, act: Type.Literal('suspend'), member: memberIdSchema }),
  exact({ ...common, act: Type.Literal('reinstate'), member: memberIdSchema }),
  exact({ ...common, act: Type.Literal('revoke_key'), member: memberIdSchema, kid: keyId }),
  exact({ ...common, act: Type.Literal('retire_key'), member: memberIdSchema, kid: keyId }),
  exact({
    ...common,
    act: Type.Literal('add_key'),
    member: memberIdSchema,
    jwk: Type.Unsafe<unknown>({}),
    use: Type.Array(Type.String({ maxLength: 32 }), { minItems: 1, maxItems: 16, uniqueItems: true }),
  }),
  /** Another key for the checkpoints of a node's ledger, or for its cosignatures, in the place of the old. */
  exact({
    ...common,
    act: Type.Literal('replace_tree_key'),
    member: memberIdSchema,
    tree: Type.Enum(['ledger', 'witness']),
    jwk: Type.Unsafe<unknown>({}),
  }),
  /** By which provider a member's staff sign in, and which roles it may give; by none without `staff`. */
  exact({
    ...common,
    act: Type.Literal('set_staff'),
    member: memberIdSchema,
    staff: Type.Optional(memberStaffSchema),
  }),
  /** For the member's next certificate request, whose digest the officers have seen. */
  exact({ ...common, act: Type.Literal('add_certificate'), member: memberIdSchema, csr: digestSchema }),
  exact({
    ...common,
    act: Type.Literal('remove_certificate'),
    member: memberIdSchema,
    thumbprint: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  }),
]);

export type Admit = Static<typeof admitSchema>;
export type MemberAct = Static<typeof memberActSchema>;

/** An act whose signatures have been checked. `digest` is over the payload: who signed it changes nothing. */
export interface CheckedAct<A> {
  readonly act: A;
  readonly digest: Digest;
  /** Thumbprints of the officers, sorted. */
  readonly officers: readonly string[];
}

/** How long officers may take to collect each other's signatures, and how far ahead their clocks may be. */
const AGE_S_MAX = 3600;
const AHEAD_S_MAX = 60;

interface ActContext {
  readonly officers: Officers;
  readonly fed: string;
  readonly nowS: number;
}

/**
 * @throws CausewayError `approval_insufficient` for fewer than two different officers, and as `readSigned`
 */
export function checkAdmission(signed: SignedAct, context: ActContext): CheckedAct<Admit> {
  return checkAct(signed, readPayload(admitSchema, signed.payload), context);
}

/** @throws CausewayError as `checkAdmission` */
export function checkMemberAct(signed: SignedAct, context: ActContext): CheckedAct<MemberAct> {
  return checkAct(signed, readPayload(memberActSchema, signed.payload), context);
}

function checkAct<A extends Admit | MemberAct>(
  signed: SignedAct,
  act: A,
  context: ActContext,
): CheckedAct<A> {
  const officers = actSigners(signed, (kid) => context.officers.get(kid));
  if (act.fed !== context.fed) throw new CausewayError('federation_mismatch', { pointer: '/fed' });
  checkActAge(act.iat, context.nowS);
  return { act, digest: sha256Digest(signed.payload), officers };
}

/** @throws CausewayError `time_window` for an act signed too long ago, or ahead of the time here. Seconds. */
export function checkActAge(iat: number, nowS: number): void {
  const age = nowS - iat;
  if (age > AGE_S_MAX || age < -AHEAD_S_MAX) throw new CausewayError('time_window', { pointer: '/iat' });
}
