import { withReceipts } from '@causeway/member';
import { CausewayError, sha256Digest, verify, type Handling, type Verified } from '@causeway/protocol';
import { moveDispute, type DisputeEvent } from '@causeway/records/disputes/index';
import type { Consumer } from '../consumer.ts';
import { correctRecipients } from '../corrections/issue.ts';
import type { DisputeRow } from '../tables.ts';
import { lockByDigest, stepOf, writeStep } from './repository.ts';
import { sealWords } from './sealed-words.ts';
import { clocksAt, dossierOf } from './view.ts';

/** What a bureau sends of a step: the signed statement, its words to the subject, and past recipients. */
export interface SentStep {
  readonly handling: string;
  readonly text?: string;
  /** Inquiries under which the item may have gone out. */
  readonly recipients?: readonly string[];
  /** Under which categories it goes out. */
  readonly categories?: readonly string[];
}

/**
 * Takes a bureau's signed step with a dispute of its own, in the order of the steps, and only where the state
 * machine has it: a bureau cannot close what it has not marked. With the step that corrects or deletes the
 * item the corrections to past recipients are issued. The same statement again brings the same answer.
 * Throws `not_found` for a dispute that is not this bureau's, `conflict` for a step that may not come now,
 * `once_conflict`, `digest_mismatch`, and as `verify`.
 */
export async function takeHandling(
  consumer: Consumer,
  sent: SentStep,
  bureau: string,
): Promise<{ recorded: boolean; corrections: number }> {
  const { clock, directory, fed, key } = consumer;
  const handling = verify('handling', sent.handling, {
    ...{ keys: directory().keys, fed, nowMs: clock.now(), audience: key.member },
    ...{ issuer: bureau, received: 'forwarded' },
  });
  const { text_digest: textDigest } = handling.claims;
  if (textDigest !== (sent.text === undefined ? undefined : sha256Digest(sent.text)))
    throw new CausewayError('digest_mismatch', { pointer: '/text' });
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockByDigest(trx, handling.claims.dispute);
    if (row === undefined || row.bureau !== bureau) throw new CausewayError('not_found');
    const known = await stepOf(trx, row, handling.claims.step);
    if (known !== undefined && known.digest !== handling.digest) throw new CausewayError('once_conflict');
    if (known !== undefined) return { recorded: true, corrections: known.corrections };
    const moved = move(consumer, row, handling);
    const corrections = await correctRecipients(consumer, { trx, stage, row, handling }, sent);
    await writeStep(trx, moved, await stepRow(consumer, row, handling, { text: sent.text, corrections }));
    return { recorded: true, corrections };
  });
  // A crash after the commit loses only the answer: the bureau sends the step again.
  return value;
}

function move(consumer: Consumer, row: DisputeRow, { claims }: Verified<Handling>): DisputeRow {
  const rules = clocksAt(consumer, row.bureau);
  const moved =
    claims.step === row.steps + 1
      ? moveDispute(dossierOf(row), eventOf(claims), claims.iat * 1000, rules)
      : undefined;
  if (moved === undefined)
    throw new CausewayError('conflict', { detail: 'This step may not come now.', pointer: '/step' });
  return { ...row, state: moved.state, dossier: JSON.stringify(moved), steps: claims.step };
}

/** The schema has said which members belong to which event. */
const eventOf = ({ event: kind, outcome, reason }: Handling): DisputeEvent =>
  ({
    kind,
    ...(outcome === undefined ? {} : { outcome }),
    ...(reason === undefined ? {} : { reason }),
  }) as DisputeEvent;

async function stepRow(
  consumer: Consumer,
  row: DisputeRow,
  { claims, digest, jws }: Verified<Handling>,
  { corrections, text }: { text: string | undefined; corrections: number },
) {
  return {
    ...{ subject_ref: row.subject_ref, dispute: row.id, step: claims.step, event: claims.event },
    ...{ digest, statement: jws, at_ms: claims.iat * 1000, corrections },
    reply: text === undefined ? null : await sealWords(consumer, row, text),
  };
}
