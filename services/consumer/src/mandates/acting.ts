import { uuidv7Pattern } from '@causeway/kernel';
import { CausewayError, type Digest, type Power } from '@causeway/protocol';
import type { Purpose } from '@causeway/records';
import type { IncomingHttpHeaders } from 'node:http';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { actorByToken, type Actor, type SignedInActor } from '../subjects/actor.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import type { MandateRow } from '../acting-rows.ts';
import type { ConsumerTables } from '../tables.ts';
import { shareMandate, standingMandate } from './repository.ts';

/** Names the mandate under which a request is made; without it everybody acts for themselves. */
const header = 'causeway-acting-for';

/** Under which mandate somebody acts, found to stand and to cover what is done. */
export interface Acting {
  readonly id: string;
  readonly digest: Digest;
  readonly subject_ref: string;
  readonly kind: MandateRow['kind'];
  /** Of the consents that it covers; null for any purpose. */
  readonly purposes: readonly Purpose[] | null;
}

/**
 * The mandate that a request names, of an agent with these references; undefined where it names none. A route
 * says which power it takes, and one that says none is for nobody but the person themselves.
 * @throws CausewayError `not_found`, one answer for another's, one that ended, and one of another scope
 */
export async function actingUnder(
  consumer: Pick<Consumer, 'clock' | 'db'>,
  headers: IncomingHttpHeaders,
  agentRefs: readonly string[],
  power: Power | undefined,
): Promise<Acting | undefined> {
  const named = headers[header];
  if (named === undefined) return undefined;
  if (power === undefined) throw new CausewayError('not_found');
  return await actingAs(consumer, agentRefs, String(named), power);
}

/** Refuses a request that names a mandate, where a sign-in says for whom it is. Throws `not_found`. */
export function refuseActing(headers: IncomingHttpHeaders): void {
  if (headers[header] !== undefined) throw new CausewayError('not_found');
}

const id = new RegExp(uuidv7Pattern, 'u');

async function actingAs(
  { clock, db }: Pick<Consumer, 'clock' | 'db'>,
  agentRefs: readonly string[],
  mandate: string,
  power: Power,
): Promise<Acting> {
  const row = id.test(mandate) ? await standingMandate(db, agentRefs, mandate, clock.now()) : undefined;
  if (!row?.powers.includes(power)) throw new CausewayError('not_found');
  const { digest, kind, purposes, subject_ref } = row;
  return { id: row.id, digest, subject_ref, kind, purposes };
}

/** The nonce of a sign-in for an act that may be done for another. */
export const nonceFor = (nonce: string, mandate: string | undefined): string =>
  mandate === undefined ? nonce : `${nonce}:for:${mandate}`;

/**
 * Who has just signed in for one act, for themselves or under the mandate.
 * @throws CausewayError `token_invalid` for a token of another act or mandate, and as `actingUnder`
 */
export async function actorUnder(
  consumer: Consumer,
  idToken: string,
  nonce: string | RegExp,
  under: { readonly mandate: string | undefined; readonly power: Power },
): Promise<SignedInActor> {
  const actor = await actorByToken(consumer, idToken, nonce);
  if (under.mandate === undefined) return actor;
  const agentRefs = await refsOf(consumer.db, actor.subjectRef);
  const acting = await actingAs(consumer, agentRefs, under.mandate, under.power);
  return { ...actor, subjectRef: acting.subject_ref, acting };
}

/**
 * In the transaction of an act: the mandate still stands, and ends after it at the earliest. Returns its
 * digest, null where somebody acts for themselves. Throws `not_found`.
 */
export async function holdMandate(
  trx: Transaction<ConsumerTables>,
  { clock }: Pick<Consumer, 'clock'>,
  acting: Actor['acting'],
): Promise<Digest | null> {
  if (acting === undefined) return null;
  if (!(await shareMandate(trx, acting, clock.now()))) throw new CausewayError('not_found');
  return acting.digest;
}

/** What is outside the mandate's purposes is as absent. Throws `not_found`. */
export function checkScope(acting: Actor['acting'], purposes: readonly Purpose[]): void {
  if (!isInScope(acting, purposes)) throw new CausewayError('not_found');
}

export function isInScope(acting: Actor['acting'], purposes: readonly Purpose[]): boolean {
  const scope = acting?.purposes ?? null;
  return scope === null || (purposes.length > 0 && purposes.every((purpose) => scope.includes(purpose)));
}
