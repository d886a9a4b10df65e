import type { Clock } from '@causeway/kernel';
import { lockSubjectsExclusive } from '@causeway/member';
import {
  CausewayError,
  checkAssertion,
  ledgerTrust,
  pinAt,
  pinnedWith,
  sha256Digest,
  verify,
  type DirectoryView,
  type Digest,
  type PasskeyParty,
  type PasskeyProof,
  type Pin,
} from '@causeway/protocol';
import { witnessedAt, type PresentedEnrolment } from '@causeway/protocol/passkey-proof';
import { transaction } from '@causeway/service';
import type { Kysely } from 'kysely';

import type { BureauTables } from '../tables.ts';
import { pinsOf, writePins } from './repository.ts';

/** A statement that a subject's passkey is said to have signed. */
export interface SignedByPasskey {
  readonly subjectRef: string;
  /** The consumer service that enrolled the passkey, for whose pages it signs. */
  readonly consumer: string;
  /** The digest of the statement. */
  readonly statement: Digest;
  /** The statement's own time, in seconds. */
  readonly signedAt_s: number;
  /** The enrolment that the statement cites, where it cites one. */
  readonly enrolment?: Digest;
  readonly proof: PasskeyProof;
}

interface Parts {
  readonly fed: string;
  readonly me: string;
  readonly clock: Clock;
  readonly db: Kysely<BureauTables>;
  readonly directory: { view(): DirectoryView };
}

const keptMax = 4096;

/**
 * Verifies offline what subjects have signed with their passkeys, under the enrolments that are pinned
 * here. The same proof of the same statement is judged once in a process; its enrolments' keys are looked
 * at each time.
 */
export class Passkeys {
  readonly #parts: Parts;
  readonly #verified = new Set<Digest>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Throws where the passkey has not signed the statement, or does not count for the subject; then nothing
   * is pinned. An enrolment that is met for the first time is.
   * @throws CausewayError `assertion_invalid`, and as `verify` for the enrolments
   */
  async check(signed: SignedByPasskey): Promise<void> {
    const presented = this.#enrolments(signed);
    const last = presented.at(-1)?.enrolment.digest;
    if (signed.enrolment !== undefined && last !== signed.enrolment) {
      throw new CausewayError('assertion_invalid', { pointer: '/enrolments' });
    }
    const party = this.#party(signed.consumer);
    const name = sha256Digest(JSON.stringify([signed, party]));
    if (this.#verified.has(name)) return;
    await this.#pinned(signed, presented, party);
    if (this.#verified.size >= keptMax) this.#verified.clear();
    this.#verified.add(name);
  }

  #enrolments({ consumer, proof, subjectRef }: SignedByPasskey): PresentedEnrolment[] {
    const { clock, directory, fed, me } = this.#parts;
    const view = directory.view();
    const context = { keys: view.keys, fed, nowMs: clock.now(), audience: me };
    return proof.enrolments.map(({ handover, leaf, statement }) => {
      const enrolment = verify('enrolment', statement, {
        ...{ ...context, received: 'forwarded', issuer: consumer },
      });
      if (enrolment.claims.subject_ref !== subjectRef)
        throw new CausewayError('link_mismatch', { pointer: '/subject_ref' });
      const witnessed_at =
        leaf === undefined ? undefined : witnessedAt(leaf, enrolment.digest, ledgerTrust(view, consumer));
      return { enrolment, handover, witnessed_at };
    });
  }

  async #pinned(
    signed: SignedByPasskey,
    presented: readonly PresentedEnrolment[],
    party: PasskeyParty,
  ): Promise<void> {
    const { clock, db } = this.#parts;
    const at = { now_s: Math.floor(clock.now() / 1000), party };
    await transaction(db, async (trx) => {
      // One after the other: two first passkeys of a subject at once are not both the first.
      await lockSubjectsExclusive(trx, [`enrolment:${signed.subjectRef}`]);
      const before = await pinsOf(trx, signed.subjectRef);
      const after = presented.reduce<readonly Pin[]>((pins, each) => pinnedWith(pins, each, at), before);
      const { credential_id, public_key } = pinOf(after, presented, signed.signedAt_s);
      const enrolment = { credential_id, public_key };
      checkAssertion(signed.proof.assertion, { challenge: signed.statement, enrolment, party });
      // A crash before the commit leaves no pin: the next proof pins it.
      if (after !== before) await writePins(trx, signed.subjectRef, after, clock.now());
    });
  }

  #party(consumer: string): PasskeyParty {
    const party = this.#parts.directory.view().member(consumer)?.passkeys;
    if (party !== undefined) return party;
    throw new CausewayError('assertion_invalid', {
      detail: 'The directory lists no passkeys for its issuer.',
    });
  }
}

function pinOf(pins: readonly Pin[], presented: readonly PresentedEnrolment[], signedAt_s: number): Pin {
  const last = presented.at(-1);
  if (last === undefined) throw new CausewayError('assertion_invalid', { pointer: '/enrolments' });
  return pinAt(pins, last.enrolment.digest, signedAt_s);
}
