import { withReceipts } from '@causeway/member';
import { CausewayError, standingKeys, verify } from '@causeway/protocol';
import { insertAccess } from '../accesses/repository.ts';
import type { Consumer } from '../consumer.ts';
import { readInquiry } from '../grants/inquiry.ts';
import { refusedLine } from '../grants/refuse.ts';
import { insertRefusal } from './repository.ts';

/**
 * Takes a refusal that the broker decided before any redemption into the history of the subject it is about.
 * A repeat changes nothing. Throws `link_mismatch` where the refusal answers another inquiry or asker, and
 * the code of the step where either statement does not verify.
 */
export async function takeRefusal(
  consumer: Consumer,
  item: { refusal: string; inquiry: string },
  broker: string,
): Promise<void> {
  const { clock, fed, directory, db } = consumer;
  const view = directory();
  const { keys } = view;
  // What was refused because its key is revoked still tells who asked, and the subject should see it.
  const { inquiry } = readInquiry(consumer, item.inquiry, broker, standingKeys(keys));
  const refusal = verify('refusal', item.refusal, {
    ...{ keys, fed, nowMs: clock.now(), issuer: broker },
    ...{ audience: inquiry.claims.iss, received: 'forwarded' },
  });
  const { claims, digest, jws } = refusal;
  if (claims.inquiry !== inquiry.digest || claims.use !== undefined) throw new CausewayError('link_mismatch');
  const { subject_ref } = inquiry.claims;
  const { code, iss } = claims;
  await withReceipts(db, async (trx) => {
    const row = { subject_ref, inquiry: inquiry.digest, use: 0, iss, code, digest, statement: jws };
    if (!(await insertRefusal(trx, row))) return;
    const line = { code, use: 0, digest, by: iss, atMs: clock.now() };
    await insertAccess(trx, refusedLine(consumer, { inquiry, directory: view }, line));
  });
  // A crash after the commit loses only the answer: the broker sends the refusal again and nothing is added.
}
