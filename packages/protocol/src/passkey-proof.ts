import { limits } from '@causeway/kernel';
import { LedgerError, entryOf, verifyProof, witnessTime } from '@causeway/ledger';
import { Type, type Static } from 'typebox';
import { exact } from './claim-types.ts';
import type { Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import type { LedgerTrust } from './ledger-trust.ts';
import { assertionSchema, checkAssertion, type PasskeyParty } from './passkey-assertion.ts';
import type { Enrolment } from './statements/enrolment.ts';
import type { Verified } from './verify.ts';

/** Passkeys that one subject may have had, one after the other. */
export const enrolmentsMax = 8;

/** What travels beside a statement that a passkey has signed, for whoever verifies it offline. */
export const passkeyProofSchema = exact({
  /**
   * The enrolments that lead to the passkey, each replaced by the next; the last one is of the passkey
   * itself. `handover` is the assertion by the one before over the digest of this.
   */
  enrolments: Type.Array(
    exact({
      statement: Type.String({ minLength: 1, maxLength: limits.statementBytesMax }),
      handover: Type.Optional(assertionSchema),
      /** Of one that waited: the proof file of its leaf, under the first checkpoint that counted. */
      leaf: Type.Optional(Type.String({ minLength: 1, maxLength: limits.statementBytesMax })),
    }),
    { minItems: 1, maxItems: enrolmentsMax },
  ),
  /** Over the digest of the signed statement. */
  assertion: assertionSchema,
});

export type PasskeyProof = Static<typeof passkeyProofSchema>;

/** An enrolment that counts for a subject, as a verifier keeps it. Times in seconds. */
export interface Pin {
  readonly digest: Digest;
  readonly credential_id: string;
  readonly public_key: Enrolment['public_key'];
  readonly replaces?: Digest;
  readonly issued_at: number;
  /** What its passkey signed from here on counts, */
  readonly counts_from: number;
  /** and no more from here on, where it has been replaced. */
  readonly ended_at?: number;
}

/** An enrolment as it was presented, verified by itself. */
export interface PresentedEnrolment {
  readonly enrolment: Verified<Enrolment>;
  /** By the passkey that it replaces, unchecked. */
  readonly handover?: unknown;
  /** When enough witnesses had seen its leaf, in seconds, where that is known. */
  readonly witnessed_at?: number | undefined;
}

interface At {
  readonly now_s: number;
  readonly party: PasskeyParty;
}

/** How long a passkey waits that the one before it has not signed for, in seconds. */
export const replacementWait_s = 72 * 3600;

/**
 * The pins of a subject once an enrolment has been presented, oldest first. The first one that a verifier
 * meets is taken as it is. A later one counts from its own time where the passkey before has signed its
 * digest, and otherwise 72 hours after witnesses saw its leaf, so that the person, who is told on older
 * channels, can object, and no false time helps. An earlier one that was never met is only good for what
 * was signed before a pinned one replaced it.
 * @throws CausewayError `assertion_invalid`: it does not count, or not yet
 */
export function pinnedWith(pins: readonly Pin[], presented: PresentedEnrolment, at: At): readonly Pin[] {
  const { claims, digest } = presented.enrolment;
  const newest = pins.at(-1);
  if (pins.some((pin) => pin.digest === digest)) return pins;
  if (newest === undefined) return [pinOf(presented, claims.iat)];
  if (claims.iat <= newest.issued_at) return [earlier(pins, presented), ...pins];
  const handedOver = signedFor(newest, presented, at);
  const seen = Math.max(claims.iat, presented.witnessed_at ?? Infinity);
  const counts_from = handedOver ? claims.iat : seen + replacementWait_s;
  if (at.now_s < counts_from) throw waits();
  // Nobody can say when it was handed over: what the one before has signed until now counts.
  const ended_at = handedOver ? at.now_s : counts_from;
  return [...pins.slice(0, -1), { ...newest, ended_at }, pinOf(presented, counts_from)];
}

function pinOf({ enrolment }: PresentedEnrolment, counts_from: number): Pin {
  const { credential_id, iat, public_key, replaces } = enrolment.claims;
  const { digest } = enrolment;
  const pin = { digest, credential_id, public_key, issued_at: iat, counts_from };
  return replaces === undefined ? pin : { ...pin, replaces };
}

function earlier(pins: readonly Pin[], presented: PresentedEnrolment): Pin {
  const next = pins.find(({ replaces }) => replaces === presented.enrolment.digest);
  if (next === undefined) throw refused('The subject has another passkey.');
  return { ...pinOf(presented, presented.enrolment.claims.iat), ended_at: next.counts_from };
}

/** The passkey before says so itself; an assertion that does not hold is none. */
function signedFor(before: Pin, { enrolment, handover }: PresentedEnrolment, { party }: At): boolean {
  if (enrolment.claims.replaces !== before.digest || handover === undefined) return false;
  try {
    checkAssertion(handover, { challenge: enrolment.digest, enrolment: before, party });
    return true;
  } catch (error) {
    if (error instanceof CausewayError) return false;
    throw error;
  }
}

/**
 * The pin of a passkey that signed something at a time, in seconds.
 * @throws CausewayError `assertion_invalid`: the subject had no such passkey then
 */
export function pinAt(pins: readonly Pin[], digest: Digest, signedAt_s: number): Pin {
  const pin = pins.find((each) => each.digest === digest);
  if (pin === undefined) throw refused('The passkey is not enrolled.');
  if (signedAt_s < pin.counts_from) throw waits();
  if (pin.ended_at !== undefined && signedAt_s >= pin.ended_at)
    throw refused('The passkey had been replaced.');
  return pin;
}

/** When enough witnesses had seen a leaf, in seconds; undefined where a proof file does not show it. */
export function witnessedAt(file: string, digest: Digest, trust: LedgerTrust): number | undefined {
  try {
    return witnessTime(verifyProof(file, entryOf(digest), trust).cosignedBy, trust.quorum);
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

const refused = (detail: string): CausewayError =>
  new CausewayError('assertion_invalid', { pointer: '/enrolments', detail });

const waits = (): CausewayError =>
  refused('A new passkey counts 72 hours after it was added, or with a signature by the one before.');
