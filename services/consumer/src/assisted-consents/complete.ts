import { timingSafeEqual } from 'node:crypto';
import { withReceipts } from '@causeway/member';
import { CausewayError, sign } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import { lockRequest } from '../consent-requests/repository.ts';
import { checkOpen, consentClaims, recordConsent } from '../consents/give.ts';
import type { Consumer } from '../consumer.ts';
import type { AssistedRow } from '../acting-rows.ts';
import type { ConsumerTables } from '../tables.ts';
import { checkAssistance } from './begin.ts';
import { openAssisted } from './code.ts';
import { lockAssisted, updateAssisted } from './repository.ts';

const triesMax = 5;
const hour_s = 3600;

/**
 * The lender brings the code that the person was sent and has read out. The consent is signed, and is valid
 * only from when the objection period has ended; the person is told on all channels, and withdraws it as any
 * other. Again with the right code it is the same consent.
 * @throws CausewayError `assistance_off`; `not_found` for another lender's, as for none; `bad_request` for a
 *   wrong code; `conflict` after five of them or a quarter of an hour, and where the request is not open
 */
export async function completeAssisted(
  consumer: Consumer,
  lender: string,
  { code, id }: { readonly id: string; readonly code: string },
): Promise<{ id: string; valid_from: string }> {
  checkAssistance(consumer);
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockAssisted(trx, lender, id);
    if (!row) throw new CausewayError('not_found');
    if (row.tries >= triesMax || (row.consent === null && row.expires_ms <= consumer.clock.now()))
      throw new CausewayError('conflict', { detail: 'This code is not good any more.' });
    const told = await openAssisted(consumer, 'code', row);
    if (!timingSafeEqual(Buffer.from(told), Buffer.from(code))) {
      await updateAssisted(trx, row, { tries: row.tries + 1 });
      return undefined;
    }
    const request = await lockRequest(trx, [row.subject_ref], row.request);
    if (!request) throw new CausewayError('internal', { internal: 'assistance without its request' });
    if (row.consent !== null) return await givenBefore(trx, row);
    checkOpen(consumer, request);
    const claims = consentClaims(consumer, request, willOf(consumer, row));
    const signed = sign('consent', claims, consumer);
    const evidence = await openAssisted(consumer, 'statement', row);
    await recordConsent(consumer, { trx, stage }, request, { signed, evidence });
    await updateAssisted(trx, row, { consent: signed.claims.jti });
    return { id: signed.claims.jti, validFromMs: signed.claims.valid_from * 1000 };
  });
  // A crash after the commit loses only the answer: the code brings it again.
  // Outside, or the try would not be counted.
  if (value === undefined)
    throw new CausewayError('bad_request', { detail: 'That is not the code.', pointer: '/code' });
  return { id: value.id, valid_from: new Date(value.validFromMs).toISOString() };
}

async function givenBefore(
  trx: Transaction<ConsumerTables>,
  { consent, subject_ref }: Pick<AssistedRow, 'consent' | 'subject_ref'>,
) {
  const found = await trx
    .selectFrom('consent')
    .select(['id', 'valid_from_ms'])
    .where('subject_ref', '=', subject_ref)
    .where('id', '=', consent ?? '')
    .executeTakeFirstOrThrow();
  return { id: found.id, validFromMs: found.valid_from_ms };
}

const willOf = ({ policy }: Consumer, { digest }: AssistedRow) => ({
  ...{ grantor: { role: 'self' as const }, strength: 'assisted' as const, evidence_digest: digest },
  objection: policy.parameters.assisted_consent.objection_h * hour_s,
});
