import { seconds } from '@causeway/kernel';
import { stageLeafOn } from '@causeway/member';
import { CausewayError, sha256Digest, sign } from '@causeway/protocol';
import { clockRulesOf, moveDispute, nextDueMs } from '@causeway/records/disputes/index';
import type { ClockRules, Dispute, DisputeEvent } from '@causeway/records/disputes/index';
import { openFor, sealFor } from '@causeway/service';
import type pg from 'pg';

import type { Bureau } from '../bureau.ts';
import type { DisputeRow } from '../tables.ts';
import { writeStep } from './repository.ts';

/** What handling a dispute needs of the bureau. */
export type Handling = Omit<Bureau, 'answers'>;

/** Who does something, and what is written to the subject or comes from the provider. */
export interface Said {
  readonly by: string;
  readonly text?: string | undefined;
  /** Inquiries under which the record had gone out. */
  readonly recipients?: readonly string[];
}

/** How long the consumer service takes what was signed, in seconds. */
const statementLife = 365 * 86_400;

/** The clocks of the place where the directory says that this bureau is; the nation's where it does not. */
export const clocksHere = ({ directory, me }: Pick<Bureau, 'directory' | 'me'>): ClockRules =>
  clockRulesOf(directory.view().member(me)?.jurisdiction ?? 'CN');

export const dossierOf = ({ dossier }: Pick<DisputeRow, 'dossier'>): Dispute =>
  JSON.parse(dossier) as Dispute;

/** By the second, as its statement says it: both sides count from the same instant. */
const instantOf = ({ clock }: Handling): number => seconds(clock) * 1000;

/**
 * One step with a dispute whose row is the caller's: the state machine says what it becomes, and the signed
 * statement, its leaf and its delivery are written with it. `row` may carry more that the step changes.
 * @throws CausewayError `conflict` where the machine has no such step now
 */
export async function stepWith(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  event: DisputeEvent,
  said: Said,
): Promise<DisputeRow> {
  const atMs = instantOf(bureau);
  const moved = moveDispute(dossierOf(row), event, atMs, clocksHere(bureau));
  if (moved === undefined) throw notNow(row);
  const next: DisputeRow = {
    ...{ ...row, state: moved.state, dossier: JSON.stringify(moved), due_ms: nextDueMs(moved.clocks) },
    steps: row.steps + 1,
  };
  const signed = signStep(bureau, next, event, said);
  const reply = said.text === undefined ? null : await sealWords(bureau, row, said.text);
  await writeStep(client, next, {
    ...{ subject_ref: row.subject_ref, dispute: row.id, step: next.steps, event: event.kind },
    ...{ by_whom: said.by, reply },
    ...{ recipients: [...(said.recipients ?? [])], digest: signed.digest, statement: signed.jws },
    ...{ at_ms: atMs, next_ms: bureau.clock.now() },
  });
  const about = { typ: 'handling', digest: signed.digest, inquiry: null, use: null };
  const parties = { iss: bureau.me, aud: row.iss, at_ms: bureau.clock.now(), outcome: null };
  await stageLeafOn(client, row.subject_ref, { ...about, ...parties });
  return next;
}

/** A step that may not come in the state of the dispute. */
export const notNow = ({ state }: Pick<DisputeRow, 'state'>): CausewayError =>
  new CausewayError('conflict', { detail: `The dispute is ${state}; this may not happen to it now.` });

function signStep(bureau: Handling, row: DisputeRow, event: DisputeEvent, { text }: Said) {
  const iat = seconds(bureau.clock);
  // What a provider answers is for the bureau; what the bureau found is for the subject.
  const reply = text === undefined || event.kind === 'answer' ? {} : { text_digest: sha256Digest(text) };
  return sign(
    'handling',
    {
      ...{ aud: row.iss, iat, exp: iat + statementLife, dispute: row.digest, step: row.steps },
      ...{ event: event.kind, ...reply },
      ...('outcome' in event ? { outcome: event.outcome } : {}),
      ...('reason' in event ? { reason: event.reason } : {}),
    },
    bureau,
  );
}

const placeOf = ({ id, subject_ref }: Pick<DisputeRow, 'id' | 'subject_ref'>): string =>
  `dispute/${subject_ref}/${id}`;

/** What somebody wrote, under the subject's key and bound to its dispute. */
export const sealWords = async (
  { random, subjectKeys }: Pick<Bureau, 'random' | 'subjectKeys'>,
  row: Pick<DisputeRow, 'id' | 'subject_ref'>,
  text: string,
): Promise<Buffer> => sealFor(await subjectKeys.of(row.subject_ref), text, placeOf(row), random);

export const openWords = async (
  { subjectKeys }: Pick<Bureau, 'subjectKeys'>,
  row: Pick<DisputeRow, 'id' | 'subject_ref'>,
  box: Uint8Array,
): Promise<string> => openFor(await subjectKeys.of(row.subject_ref), box, placeOf(row)).toString();
