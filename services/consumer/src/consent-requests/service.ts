import { uuidv7 } from '@causeway/kernel';
import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError, type MemberEntry, sha256Digest } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import { openStatement } from '../consents/sealed-statement.ts';
import { findConsent } from '../consents/repository.ts';
import type { Consumer } from '../consumer.ts';
import { standingAlerts } from '../fraud-alerts/service.ts';
import { type Acting, checkScope, holdMandate, isInScope } from '../mandates/acting.ts';
import type { ConsentRequestRow } from '../tables.ts';
import { renderForm } from './form.ts';
import { answerOnce, outcomeOf } from './idempotency.ts';
import { closeRequest, insertRequest, lockRequest, pendingRequests, requestOfLender } from './repository.ts';
import type { ConsentChoice, ConsentRequestBody } from './schema.ts';
import { checkTerms, isBecauseOfAnother } from './terms.ts';

/** A subject has a week to answer. */
const requestLifeMs = 7 * 86_400_000;

/**
 * Takes a lender's request, once per idempotency key. The answer says nothing about whether anybody stands
 * behind the reference: it is never looked up. Throws what `checkTerms` throws, the same again for the same
 * key, and `idempotency_mismatch`.
 */
export async function requestConsent(
  consumer: Consumer,
  caller: { lender: string; key: string },
  body: ConsentRequestBody,
): Promise<unknown> {
  return await requestOnce(consumer, caller, body, () => {
    const terms = checkTerms(body, caller.lender, consumer.directory(), NATIONAL_POLICY);
    const form = renderForm(terms, body.language);
    return {
      ...{ ...body, product: body.product ?? null, optional: body.optional ?? null, asked: null },
      ...{ frequency: body.frequency ?? null, contract: null, form: form.text, form_digest: form.digest },
    };
  });
}

/** What a request says, without what becomes of it. */
type Requested = Omit<
  ConsentRequestRow,
  'id' | 'lender' | 'status' | 'consent' | 'created_ms' | 'expires_ms'
>;

/** Records what is asked for, once per idempotency key and body, whatever kind it is of. */
export async function requestOnce(
  consumer: Consumer,
  caller: { readonly lender: string; readonly key: string },
  body: object,
  asked: () => Requested,
): Promise<unknown> {
  const nowMs = consumer.clock.now();
  const requestDigest = sha256Digest(JSON.stringify(ordered(body)));
  const outcome = outcomeOf(() => {
    const row: ConsentRequestRow = {
      ...{ ...asked(), id: uuidv7(consumer.clock, consumer.random), lender: caller.lender },
      ...{ status: 'pending', consent: null, created_ms: nowMs, expires_ms: nowMs + requestLifeMs },
    };
    return { answer: requestView(row, nowMs), effect: async (trx) => await insertRequest(trx, row) };
  });
  return await answerOnce(consumer.db, { ...caller, requestDigest, nowMs }, outcome);
}

/** One body, one text, whatever the order of its members. */
function ordered(body: object): [string, unknown][] {
  const isObject = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.entries(body)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, isObject(value) ? ordered(value) : value]);
}

/** A request as its lender and its subject see it. */
export function requestView(row: ConsentRequestRow, nowMs: number) {
  const expired = row.status === 'pending' && nowMs >= row.expires_ms;
  return {
    id: row.id,
    status: expired ? ('expired' as const) : row.status,
    form: { language: row.language, text: row.form },
    form_digest: row.form_digest,
    expires_at: new Date(row.expires_ms).toISOString(),
  };
}

/** A lender's own request, with the consent once it is given. Throws `not_found` for another's or none. */
export async function readRequest(consumer: Consumer, lender: string, id: string) {
  const row = await requestOfLender(consumer.db, lender, id);
  if (!row) throw new CausewayError('not_found');
  const view = requestView(row, consumer.clock.now());
  if (row.consent === null) return view;
  const consent = await findConsent(consumer.db, row.subject_ref, row.consent);
  if (!consent) throw new CausewayError('internal', { internal: 'an approved request has no consent' });
  return {
    ...view,
    ...{ consent: await openStatement(consumer, consent), consent_digest: row.consent },
    alerts: await standingAlerts(consumer, row.subject_ref),
  };
}

/** What waits for the subject's answer, under whichever of their references it was asked. */
export async function listRequests(consumer: Consumer, refs: readonly string[], acting?: Acting) {
  const nowMs = consumer.clock.now();
  const all = await pendingRequests(consumer.db, refs, nowMs);
  const rows = all.filter(({ purposes }) => isInScope(acting, purposes));
  const directory = consumer.directory();
  return {
    items: rows.map((row) => ({
      ...requestView(row, nowMs),
      lender: row.lender,
      lender_name: directory.member(row.lender)?.legal_name ?? row.lender,
      who: whoAsks(directory.member(row.lender)),
      // Also of requests that were taken before this was refused.
      ...(row.product === null || isBecauseOfAnother(row.purposes, NATIONAL_POLICY)
        ? {}
        : { product: row.product }),
      ...(row.contract === null ? {} : { contract: row.contract }),
      kind: row.kind,
      purposes: row.purposes,
      categories: row.categories,
      bureaus: row.bureaus,
      ...(row.optional === null ? {} : { optional: row.optional, asked: askedOf(row) }),
    })),
  };
}

/** What the lender has asked for, whatever the subject has left of it. */
export const askedOf = ({ asked, bureaus, categories }: ConsentRequestRow): ConsentChoice =>
  asked ?? { bureaus, categories };

/** Who asks, as the directory has it at this moment; null for a member that it does not list any more. */
function whoAsks(entry: MemberEntry | undefined) {
  if (entry === undefined) return null;
  const { class: licence_class, jurisdiction, keys, legal_name, legal_name_zh, status } = entry;
  const since = keys.length === 0 ? [] : [Math.min(...keys.map(({ from }) => from))];
  return {
    ...{ legal_name, licence_class, jurisdiction, status },
    ...(legal_name_zh === undefined ? {} : { legal_name_zh }),
    // The directory tells no day of admission: this is when the oldest key that it lists began to count.
    ...Object.fromEntries(since.map((from) => ['listed_since', new Date(from * 1000).toISOString()])),
  };
}

/**
 * The subject says no. Throws `not_found` for another's request and `conflict` for one that is answered
 * already.
 */
export async function rejectRequest(
  consumer: Consumer,
  refs: readonly string[],
  id: string,
  acting?: Acting,
) {
  return await transaction(consumer.db, async (trx) => {
    const row = await lockRequest(trx, refs, id);
    if (!row) throw new CausewayError('not_found');
    checkScope(acting, row.purposes);
    await holdMandate(trx, consumer, acting);
    if (row.status === 'approved')
      throw new CausewayError('conflict', { detail: 'The request is approved.' });
    // A crash after the commit loses only the answer; saying no again changes nothing.
    if (row.status === 'pending') await closeRequest(trx, row, { status: 'rejected', consent: null });
    return { id, status: 'rejected' as const };
  });
}
