import { withReceipts } from '@causeway/member';
import { decide } from '@causeway/policy';
import { CausewayError, verify } from '@causeway/protocol';
import { pushToChannels } from '../channels/repository.ts';
import { newCode } from '../channels/service.ts';
import { lockRequest, requestOfLender } from '../consent-requests/repository.ts';
import { checkOpen } from '../consents/give.ts';
import type { Consumer } from '../consumer.ts';
import type { AssistedRow } from '../acting-rows.ts';
import type { ConsentRequestRow } from '../tables.ts';
import { sealAssisted } from './code.ts';
import { begunFor, findAssisted, insertAssisted } from './repository.ts';

const codeLifeMs = 15 * 60_000;
/** For one request: whoever does not answer three times does not want to. */
const begunMax = 3;

/** Throws `assistance_off` unless policy has turned it on. */
export function checkAssistance({ policy }: Pick<Consumer, 'policy'>): void {
  if (!policy.parameters.assisted_consent.on) throw new CausewayError('assistance_off');
}

/**
 * A lender says, signed, that somebody agrees to a request of its own with the help of two of its officers. A
 * code goes to the channels that the person has confirmed before, and to nothing that the lender names. The
 * answer is the same where there is no such person or channel: then no code is right.
 * @throws CausewayError `assistance_off`, as `verify`; `not_found` for another's request, `link_mismatch` for
 *   another form, `conflict` where the request is not open, `purpose_not_permitted` where a purpose takes no
 *   such consent, `rate_limited` after three for one request, `once_conflict`
 */
export async function beginAssisted(
  consumer: Consumer,
  lender: string,
  jws: string,
): Promise<{ id: string; expires_at: string }> {
  checkAssistance(consumer);
  const { clock, directory, fed, key } = consumer;
  const { claims, digest } = verify('assistance', jws, {
    ...{ keys: directory().keys, fed, nowMs: clock.now(), audience: key.member },
    ...{ issuer: lender, received: 'first' as const },
  });
  const found = await requestOfLender(consumer.db, lender, claims.request);
  if (!found) throw new CausewayError('not_found');
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockRequest(trx, [found.subject_ref], found.id);
    if (!row) throw new CausewayError('not_found');
    const before = await findAssisted(trx, row.subject_ref, claims.jti);
    if (before?.digest === digest) return before;
    if (before) throw new CausewayError('once_conflict');
    checkOpen(consumer, row);
    checkStrength(consumer, row);
    if (row.form_digest !== claims.form_digest)
      throw new CausewayError('link_mismatch', { pointer: '/form_digest' });
    if ((await begunFor(trx, row.id)) >= begunMax) throw new CausewayError('rate_limited');
    const named = { subject_ref: row.subject_ref, id: claims.jti };
    const made: AssistedRow = {
      ...{ ...named, digest, request: row.id, lender, tries: 0, consent: null },
      statement: await sealAssisted(consumer, 'statement', named, jws),
      code: await sealAssisted(consumer, 'code', named, newCode(consumer.random.bytes(8))),
      expires_ms: clock.now() + codeLifeMs,
    };
    if (!(await insertAssisted(trx, made))) throw new CausewayError('once_conflict');
    await pushToChannels(trx, 'assisted_code', row.subject_ref, made.id);
    await stage(row.subject_ref, {
      ...{ typ: 'assistance', digest, inquiry: null, use: null, iss: lender, aud: key.member },
      ...{ at_ms: clock.now(), outcome: null },
    });
    return made;
  });
  // A crash after the commit loses only the answer: the code is sent, and the statement brings the same.
  return { id: value.id, expires_at: new Date(value.expires_ms).toISOString() };
}

/** Nobody is helped to give what would not be taken. */
function checkStrength({ directory, policy }: Consumer, row: ConsentRequestRow): void {
  const asker = directory().member(row.lender);
  if (asker === undefined) throw new CausewayError('member_unknown');
  const ground = { by: 'consent', kind: 'query', strength: 'assisted' } as const;
  for (const purpose of row.purposes) {
    const { categories } = row;
    if (decide(policy, { purpose, categories, asker, ground }).decision === 'permit') continue;
    throw new CausewayError('purpose_not_permitted', {
      detail: 'This purpose takes no consent that was given with assistance.',
    });
  }
}
