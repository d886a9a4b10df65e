import { dateOf } from '@causeway/kernel';
import { lockSubjectsOn } from '@causeway/member';
import { CausewayError, sha256Digest } from '@causeway/protocol';
import type { DisputeEvent, Outcome } from '@causeway/records/disputes/index';
import type pg from 'pg';

import { digestOfItem } from '../native-items/item-digest.ts';
import { lockItems, setItem } from '../native-items/repository.ts';
import { idUnder } from '../sources/steady-ids.ts';
import type { NamedRecord } from '../sources/steady-ids.ts';
import type { DisputeRow, NativeItemRow } from '../tables.ts';
import { refsOf, reportedNow } from './native-item.ts';
import { findDispute, inquiriesSince } from './repository.ts';
import { stepWith } from './step.ts';
import type { Handling, Said } from './step.ts';

/** What the native system says of the subject of a dispute; `away` where it does not answer. */
export type Reported = readonly NamedRecord[] | 'away';

/** A dispute about to be ended, with what was asked for it before anything was locked. */
export interface Ending {
  readonly refs: readonly string[];
  readonly reported: Reported;
}

/**
 * Asks the native system before a dispute is ended by a correction or a deletion; undefined where the bureau
 * has a store of its own, or the dispute is not in one of these states. Each time is a question of its own,
 * so that the system answers with what it holds now.
 * @throws CausewayError `unavailable`
 */
export async function askToEnd(
  bureau: Handling,
  id: string,
  states: readonly DisputeRow['state'][],
): Promise<Ending | undefined> {
  const { clock, db, source } = bureau;
  if (source.kind === 'hosted') return undefined;
  const row = await findDispute(db, id);
  if (row === undefined || !states.includes(row.state)) return undefined;
  const refs = refsOf(row);
  const statement = sha256Digest(`${row.digest} ${row.steps} ${clock.now()}`);
  return { refs, reported: await reportedNow(bureau, source, refs, statement) };
}

/** The subject's status locks, before the dispute's own: who answers about them waits, or has answered. */
export async function lockEnding(client: pg.PoolClient, ending: Ending | undefined): Promise<void> {
  if (ending !== undefined) await lockSubjectsOn(client, ending.refs);
}

/**
 * The item was wrong, and the native system has it right by now: the dispute ends as corrected.
 * @throws CausewayError `conflict` where the system still reports it as it was
 */
export async function correctThere(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  reported: Reported,
  said: Said,
): Promise<void> {
  const items = await lockItems(client, { refs: refsOf(row), id: row.id });
  if (items.some((item) => digestNow(item, reported) === item.digest)) {
    throw new CausewayError('conflict', {
      detail: 'The system that holds the item still reports it as it was: correct it there first.',
    });
  }
  const recipients = await recipientsOf(client, row);
  await stepWith(bureau, client, row, { kind: 'resolve', outcome: 'corrected' }, { ...said, recipients });
}

/**
 * The item goes. Where somebody has found so, the native system reports it no more; where the time to verify
 * it has run out, it is withheld here whatever the system does. Reported as it was it goes out to nobody.
 * @throws CausewayError `conflict` where somebody has found so, and the system still reports it
 */
export async function deleteThere(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  event: Extract<DisputeEvent, { kind: 'resolve' | 'lapse' }>,
  said: Said & { readonly reported: Reported },
): Promise<void> {
  const { reported, ...by } = said;
  const items = await lockItems(client, { refs: refsOf(row), id: row.id });
  if (event.kind === 'resolve' && items.some((item) => digestNow(item, reported) !== undefined)) {
    throw new CausewayError('conflict', {
      detail: 'The system that holds the item still reports it: delete it there first.',
    });
  }
  const recipients = await recipientsOf(client, row);
  for (const item of items) await setItem(client, withheld(bureau, item, reported));
  await stepWith(bureau, client, row, event, { ...by, recipients });
}

/** What is reported now is what is withheld; what nobody could ask for is, whatever it says. */
function withheld(bureau: Handling, item: NativeItemRow, reported: Reported): NativeItemRow {
  const digest = reported === 'away' ? null : (digestNow(item, reported) ?? item.digest);
  return { ...inState(bureau, item, 'withheld'), digest };
}

function inState({ clock, life }: Handling, item: NativeItemRow, state: NativeItemRow['state']) {
  const nowMs = clock.now();
  return { ...item, state, state_ms: nowMs, added_on: dateOf(nowMs, life().zone) };
}

/** Of what the system says about the item now; undefined where it does not report it. */
function digestNow(item: NativeItemRow, reported: Reported): NativeItemRow['digest'] | undefined {
  if (reported === 'away') return undefined;
  const now = reported.find(
    (each) => each.record.record === item.record && idUnder(item.subject_ref, each) === item.record_id,
  );
  return now && digestOfItem(now.record);
}

/** Nobody here knows since when the system has held the item: whoever was ever given anything is told. */
const recipientsOf = async (client: pg.PoolClient, row: DisputeRow): Promise<string[]> =>
  await inquiriesSince(client, refsOf(row), 0);

const after: Readonly<Record<Outcome, NativeItemRow['state']>> = {
  ...({ corrected: 'corrected', deleted: 'withheld', undetermined: 'noted' } as const),
  ...({ unfounded: 'over', withdrawn: 'over' } as const),
};

/** The mark of a dispute that is closed ends; what stays of it is said by how it ended. */
export async function closeItems(
  bureau: Handling,
  client: pg.PoolClient,
  row: DisputeRow,
  outcome: Outcome,
): Promise<void> {
  for (const item of await lockItems(client, { refs: refsOf(row), id: row.id })) {
    if (item.state === 'marked') await setItem(client, inState(bureau, item, after[outcome]));
  }
}
