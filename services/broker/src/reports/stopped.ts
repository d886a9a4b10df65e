import { opensFreeze, stopForbidsRelease } from '@causeway/gate';
import {
  adoptedVersion,
  checkActiveMember,
  lockSubjectsShared,
  memberKey,
  subjectStop,
  type Standing,
  type Stopped,
} from '@causeway/member';
import { NATIONAL_POLICY } from '@causeway/policy';
import {
  CausewayError,
  type DirectoryView,
  type ErrorCode,
  type Grant,
  type Inquiry,
} from '@causeway/protocol';
import type { Transaction } from 'kysely';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables } from '../tables.ts';

const stopCodes: Readonly<Record<Stopped, ErrorCode>> = {
  revoked: 'consent_revoked',
  restricted: 'subject_frozen',
  paused: 'consent_paused',
  frozen: 'subject_frozen',
};

/** What is locked shared while something of an inquiry is recorded or released. */
export const releaseLocks = ({ iss, subject_ref }: Inquiry): string[] => [subject_ref, memberKey(iss)];

/** What the broker's own grant says of a freeze. */
export type OwnLeave = Pick<Grant, 'despite_freeze'>;

/**
 * Why nothing of this inquiry may be released now under the broker's own grant, by the status that was read;
 * undefined where it may.
 */
export function stopCode(
  view: DirectoryView,
  inquiry: Inquiry,
  stop: Standing | undefined,
  own: OwnLeave | undefined,
): ErrorCode | undefined {
  if (stop === undefined) return undefined;
  const opened = opensFreeze(own, stop.sequence);
  const facts = { asker: view.member(inquiry.iss), policy: NATIONAL_POLICY, opened };
  return stopForbidsRelease(stop.state, inquiry, facts) ? stopCodes[stop.state] : undefined;
}

/**
 * The code by which the asker may be told nothing, or undefined; `adopted` is the version of the directory
 * that this node has adopted.
 * @throws CausewayError not_ready: another process has adopted a newer directory than this one holds
 */
export function askerCode(view: DirectoryView, { iss }: Inquiry, adopted: number): ErrorCode | undefined {
  try {
    checkActiveMember(view, iss, adopted);
    return undefined;
  } catch (error) {
    if (error instanceof CausewayError && error.code !== 'not_ready') return error.code;
    throw error;
  }
}

/**
 * Why nothing of this inquiry may be released now, or undefined. Takes the status locks of the subject and of
 * the lender shared, until the transaction ends: a stop that comes later waits for it, and a leaf that it
 * writes lies below the stop's ack.
 * @throws CausewayError not_ready: another process has adopted a newer directory than this one holds
 */
export async function releaseStopped(
  broker: Broker,
  trx: Transaction<BrokerTables>,
  { claims }: OpenInquiry,
  own: OwnLeave,
): Promise<ErrorCode | undefined> {
  const view = broker.directory.view();
  await lockSubjectsShared(trx, releaseLocks(claims));
  const code = askerCode(view, claims, await adoptedVersion(trx));
  const stop = await subjectStop(trx, claims.subject_ref, claims.consent ?? null);
  return code ?? stopCode(view, claims, stop, own);
}
