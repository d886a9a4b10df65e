import { stopForbidsRelease } from '@causeway/gate';
import {
  lockSubjectsShared,
  memberKey,
  requireActiveMember,
  subjectStopped,
  type Stopped,
} from '@causeway/member';
import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError, type ErrorCode } from '@causeway/protocol';
import type { Transaction } from 'kysely';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables } from '../tables.ts';

const stopCodes: Readonly<Record<Stopped, ErrorCode>> = {
  revoked: 'consent_revoked',
  paused: 'consent_paused',
  frozen: 'subject_frozen',
};

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
): Promise<ErrorCode | undefined> {
  const { consent, iss, subject_ref } = claims;
  const view = broker.directory.view();
  await lockSubjectsShared(trx, [subject_ref, memberKey(iss)]);
  try {
    await requireActiveMember(trx, view, iss);
  } catch (error) {
    if (error instanceof CausewayError && error.code !== 'not_ready') return error.code;
    throw error;
  }
  const stopped = await subjectStopped(trx, subject_ref, consent ?? null);
  const facts = { asker: view.member(iss), policy: NATIONAL_POLICY };
  if (stopped === undefined || !stopForbidsRelease(stopped, claims, facts)) return undefined;
  return stopCodes[stopped];
}
