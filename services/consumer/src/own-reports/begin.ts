import { limits, seconds } from '@causeway/kernel';
import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError, compose, type Composed, type DirectoryView } from '@causeway/protocol';
import type { Category } from '@causeway/records';
import { transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { soleBroker } from './broker-wire.ts';
import { passkeyInForce } from './passkey-in-force.ts';
import { assertionOptions, partyOf } from '../passkeys/party.ts';
import type { PasskeyRow } from '../passkey-rows.ts';
import { countBetween, insertComposed } from './repository.ts';
import { sealPart } from './sealed.ts';
import { yearStartMs } from './quota.ts';

/** How long a person has for their passkey; the broker takes the inquiry a minute after it was composed. */
const assertSeconds = 50;
/** The browser gives up before that. */
const askMs = 45_000;
/** How long bureaus have from then on. */
const answerSeconds = 40;
const expiresAfterDeadlineSeconds = 60;

/** What a page needs to ask the person's passkey, and what it tells beside it. */
export interface BegunReport {
  readonly id: string;
  readonly inquiry: string;
  /** The how-manieth report of this calendar year it will be, and how many are free. */
  readonly number: number;
  readonly free_per_year: number;
  readonly expires_at: string;
  /** For `navigator.credentials.get`. */
  readonly options: ReturnType<typeof assertionOptions>;
}

/**
 * Composes the inquiry of a person about themselves, to all active bureaus and for all that policy lets them
 * see, and keeps it until their passkey has signed its digest. Nobody is asked before that.
 * @throws CausewayError conflict where the person has no passkey yet
 */
export async function beginReport(consumer: Consumer, refs: readonly string[]): Promise<BegunReport> {
  const passkey = await passkeyInForce(consumer, refs);
  if (passkey === undefined) {
    throw new CausewayError('conflict', { detail: 'Set up a passkey first: your own report needs it.' });
  }
  const party = partyOf(consumer);
  const nowMs = consumer.clock.now();
  const bureaus = activeBureaus(consumer.directory());
  const composed = inquiryOf(consumer, passkey);
  const { claims, digest } = composed;
  const key = { subject_ref: passkey.subject_ref, id: claims.jti };
  const expires_ms = nowMs + assertSeconds * 1000;
  const statement = await sealPart(consumer, 'composed', key, JSON.stringify(composed));
  await transaction(consumer.db, async (trx) => {
    await insertComposed(trx, refs, {
      ...key,
      ...{ inquiry: digest, enrolment: passkey.enrolment, bureaus, state: 'composed', began_ms: nowMs },
      ...{ expires_ms, statement },
      ...{ code: null, asserted_ms: null, proof: null, version: null, partial: null },
      ...{ report: null, kept_until_ms: null },
    });
  });
  // A crash here leaves a composed inquiry that nobody has been told of; it is forgotten within a minute.
  return {
    ...{ id: claims.jti, inquiry: digest },
    number: (await countBetween(consumer.db, refs, yearStartMs(nowMs), nowMs)) + 1,
    free_per_year: NATIONAL_POLICY.parameters.own_reports_free_per_year,
    expires_at: new Date(expires_ms).toISOString(),
    options: { ...assertionOptions(party, digest, [passkey.credential_id]), timeout: askMs },
  };
}

function activeBureaus(directory: DirectoryView): string[] {
  const active = directory.membersWith('bureau').filter(({ status }) => status === 'active');
  return active
    .map(({ id }) => id)
    .toSorted()
    .slice(0, limits.bureausMax);
}

/** Everything that a person may see of themselves. */
function allCategories(): Category[] {
  const rule = NATIONAL_POLICY.purposes.find(({ purpose }) => purpose === 'OWN_ENQUIRY');
  return [...(rule?.categories ?? [])];
}

function inquiryOf(
  consumer: Consumer,
  { enrolment, subject_ref }: Pick<PasskeyRow, 'enrolment' | 'subject_ref'>,
): Composed<'inquiry'> {
  const iat = seconds(consumer.clock);
  const deadline = iat + assertSeconds + answerSeconds;
  const claims = {
    ...{ aud: soleBroker(consumer), iat, exp: deadline + expiresAfterDeadlineSeconds },
    subject_ref,
    basis: { code: 'OWN_ENQUIRY', cited: enrolment },
    purpose: 'OWN_ENQUIRY' as const,
    categories: allCategories(),
    ...{ profile: 'report' as const, operator: 'self', deadline, delivery: 'merged' as const },
  };
  return compose('inquiry', claims, consumer);
}
