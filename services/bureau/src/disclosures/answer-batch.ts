import type { Permit } from '@causeway/gate';
import { dateOf } from '@causeway/kernel';
import { batchStatus, lockBatchShared, memberKey, withHotReceipts } from '@causeway/member';
import type { LeafReceipt, StageHotLeaf, Stopped } from '@causeway/member';
import { CausewayError } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import type { HotTransaction, ItemOutcome, SubjectKey } from '@causeway/service';

import type { Bureau } from '../bureau.ts';
import { itemsOf, shownOf } from '../native-items/shown-items.ts';
import type { SourceAnswer } from '../sources/source.ts';
import { type AnswerRow, answerRows, keepGrants, type NewAnswer, writeAnswers } from './answer-rows.ts';
import { decide } from './decide.ts';
import { withoutLateInquiries } from './late-inquiries.ts';
import { withinPermit } from './obligations.ts';
import type { StoredDisclosure } from './release.ts';
import type { AnswerKey } from './repository.ts';
import { openStatement, purgeAtMs, sealStatement, signOpened, signRefusal } from './statements.ts';
import type { Presented } from './verify-item.ts';

/** An inquiry to be answered. `nowhere`: only its key is taken, because its records are not here yet. */
export interface Asked {
  readonly item: Presented;
  readonly from: 'store' | 'nowhere' | SourceAnswer;
}

/** What an item came to. `reserved`: the key is held and the source may be asked. */
export type Step =
  | {
      readonly kind: 'disclosed';
      readonly permit: Permit;
      readonly stored: StoredDisclosure;
      readonly receipt: LeafReceipt;
    }
  | { readonly kind: 'refused'; readonly refusal: string; readonly code: string }
  | { readonly kind: 'reserved' };

type Worker = Omit<Bureau, 'answers'>;

/**
 * One transaction under the status locks of all subjects, taken shared: decide, read, sign, store, leaf. What
 * is wrong with one item is that item's outcome; what it throws leaves nothing behind for any.
 */
export async function answerBatch(bureau: Worker, asked: readonly Asked[]): Promise<ItemOutcome<Step>[]> {
  const keys = asked.map(({ item }) => keyOf(item));
  // Before the transaction: whoever waits for a key holds no lock and no connection meanwhile.
  const subjectKeys = await bureau.subjectKeys.all(keys.map(({ subjectRef }) => subjectRef));
  const { value, receipts } = await withHotReceipts(bureau.pool, async (trx, stage) => {
    const batch = new AnswerBatch({ bureau, subjectKeys }, trx, stage);
    return await batch.answer(asked, keys);
  });
  // A crash here leaves the answers and their leaves: a retry with a renewed grant gets the stored bytes.
  await bureau.faults.at('disclosure-committed');
  return value.map((came) => withReceipt(came, receipts));
}

/** An item's outcome before the commit: a disclosure has no receipt yet. */
type Came =
  | { readonly kind: 'disclosed'; readonly permit: Permit; readonly stored: StoredDisclosure }
  | Exclude<Step, { kind: 'disclosed' }>
  | { readonly kind: 'failed'; readonly error: unknown };

function withReceipt(came: Came, receipts: ReadonlyMap<string, LeafReceipt>): ItemOutcome<Step> {
  if (came.kind === 'failed') return { error: came.error };
  if (came.kind !== 'disclosed') return { value: came };
  const receipt = receipts.get(came.stored.digest);
  return receipt === undefined
    ? { error: new RangeError('no leaf, no data') }
    : { value: { ...came, receipt } };
}

const keyOf = ({ inquiry, grant }: Presented): AnswerKey => ({
  subjectRef: inquiry.claims.subject_ref,
  inquiry: inquiry.digest,
  use: grant.claims.use,
});

/** One item with what the tables say about it. */
interface Case {
  readonly item: Presented;
  readonly key: AnswerKey;
  readonly row: AnswerRow | undefined;
  readonly stopped: Stopped | false;
  /** The number of the status behind the stop. */
  readonly stoppedBy: number | undefined;
  readonly from: Asked['from'];
}

/** What was read for a batch, by subject. */
interface Read {
  readonly records: ReadonlyMap<string, SourceAnswer>;
  readonly items: Awaited<ReturnType<typeof itemsOf>>;
}

class AnswerBatch {
  readonly #bureau: Worker;
  readonly #subjectKeys: ReadonlyMap<string, SubjectKey>;
  readonly #trx: HotTransaction;
  readonly #stage: StageHotLeaf;
  readonly #fresh: NewAnswer[] = [];
  readonly #renewed: { key: AnswerKey; grant: Digest }[] = [];

  constructor(
    { bureau, subjectKeys }: { bureau: Worker; subjectKeys: ReadonlyMap<string, SubjectKey> },
    trx: HotTransaction,
    stage: StageHotLeaf,
  ) {
    this.#bureau = bureau;
    this.#subjectKeys = subjectKeys;
    this.#trx = trx;
    this.#stage = stage;
  }

  async answer(asked: readonly Asked[], keys: readonly AnswerKey[]): Promise<Came[]> {
    const cases = await this.#cases(asked, keys);
    const read = { records: await this.#records(cases), items: await this.#items(cases) };
    const came = cases.map((one) => this.#answerOne(one, read));
    await writeAnswers(this.#trx, this.#fresh);
    await keepGrants(this.#trx, this.#renewed);
    await this.#bureau.faults.at('answer-reserved');
    return came;
  }

  async #cases(asked: readonly Asked[], keys: readonly AnswerKey[]): Promise<Case[]> {
    const subjects = asked.map(({ item: { inquiry } }) => ({
      subjectRef: inquiry.claims.subject_ref,
      consent: inquiry.claims.consent ?? null,
    }));
    const lenders = asked.map(({ item: { inquiry } }) => memberKey(inquiry.claims.iss));
    await lockBatchShared(this.#trx, [...subjects.map(({ subjectRef }) => subjectRef), ...lenders]);
    const { directoryVersion, sequences, stopped } = await batchStatus(this.#trx, subjects);
    // Another process may have acknowledged a suspension that this one has not heard of.
    if (directoryVersion > this.#bureau.directory.view().version) throw new CausewayError('not_ready');
    const rows = await answerRows(this.#trx, keys);
    return asked.map(({ from, item }, at) => {
      const key = keys[at] ?? keyOf(item);
      return { item, key, row: rows[at], stopped: stopped[at] ?? false, stoppedBy: sequences[at], from };
    });
  }

  async #records(cases: readonly Case[]): Promise<Read['records']> {
    const { clock, life, source } = this.#bureau;
    const reading = cases.filter(({ from, row }) => from === 'store' && row?.state !== 'disclosed');
    if (source.kind !== 'hosted' || reading.length === 0) return new Map();
    return await source.read(
      this.#trx,
      reading.map(({ key }) => key.subjectRef),
      { nowMs: clock.now(), rules: life() },
    );
  }

  /** Where native systems have answered: what is disputed of their subjects. */
  async #items(cases: readonly Case[]): Promise<Read['items']> {
    const answered = cases.filter(({ from, row }) => typeof from === 'object' && row?.state !== 'disclosed');
    if (answered.length === 0) return new Map();
    return await itemsOf(
      this.#trx,
      answered.map(({ key }) => key.subjectRef),
    );
  }

  #answerOne(one: Case, read: Read): Came {
    try {
      return this.#decided(one, read);
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  #decided(one: Case, read: Read): Came {
    const { from, item, key, row } = one;
    const decision = decide(this.#bureau, item, one);
    if (row?.state === 'refused') return this.#storedRefusal(key, row);
    if ('refusal' in decision) {
      // After a disclosure there is no second answer: the error is not recorded.
      if (row?.state === 'disclosed')
        throw new CausewayError(decision.refusal.code, { internal: 'disclosed before' });
      return this.#refuse(one, decision.refusal);
    }
    if (row?.state === 'disclosed') return this.#again(one, decision.permit, row);
    if (from === 'nowhere') return this.#reserve(one);
    const found = from === 'store' ? read.records.get(key.subjectRef) : this.#marked(one, from, read);
    return this.#disclose(one, decision.permit, found ?? { known: false, records: [] });
  }

  #marked({ key }: Case, from: SourceAnswer, { items }: Read): SourceAnswer {
    const { clock, life } = this.#bureau;
    return shownOf(from, items.get(key.subjectRef), () => dateOf(clock.now(), life().zone));
  }

  #disclose(one: Case, permit: Permit, found: SourceAnswer): Came {
    const { item, key } = one;
    const { purpose } = item.inquiry.claims;
    const { clock, policy } = this.#bureau;
    const within = withinPermit(permit, withoutLateInquiries(found, policy, { nowMs: clock.now(), purpose }));
    if ('refusal' in within) return this.#refuse(one, within.refusal);
    const signed = signOpened(this.#bureau, permit, within);
    this.#record(item, key, 'disclosed', signed);
    this.#leaf(item, key, 'disclosure', signed);
    return { kind: 'disclosed', permit, stored: { ...key, digest: signed.digest, jws: signed.jws } };
  }

  #refuse({ item, key }: Case, refusal: Parameters<typeof signRefusal>[2]): Came {
    const signed = signRefusal(this.#bureau, { ...key, lender: item.inquiry.claims.iss }, refusal);
    this.#record(item, key, 'refused', signed);
    this.#leaf(item, key, 'refusal', signed);
    return { kind: 'refused', refusal: signed.jws, code: signed.outcome };
  }

  #reserve({ item, key }: Case): Came {
    this.#record(item, key, 'reserved', undefined);
    return { kind: 'reserved' };
  }

  /** The same bytes once more; the leaf is staged again so that there is a receipt, and stays one leaf. */
  #again({ item, key }: Case, permit: Permit, row: AnswerRow): Came {
    if (row.digest === null || row.statement === null) throw purged();
    const { digest, outcome } = row;
    const jws = openStatement(this.#subjectKey(key), key, row.statement);
    this.#renewed.push({ key, grant: item.grant.digest });
    this.#leaf(item, key, 'disclosure', { digest, outcome: outcome ?? '' });
    return { kind: 'disclosed', permit, stored: { ...key, digest, jws } };
  }

  #storedRefusal(key: AnswerKey, row: AnswerRow): Came {
    if (row.statement === null) throw purged();
    const refusal = openStatement(this.#subjectKey(key), key, row.statement);
    return { kind: 'refused', refusal, code: row.outcome ?? 'not_authorised' };
  }

  #subjectKey({ subjectRef }: AnswerKey): SubjectKey {
    const key = this.#subjectKeys.get(subjectRef);
    if (key === undefined) throw new RangeError('no key was fetched for a subject of the batch');
    return key;
  }

  #record(
    { grant, inquiry, peer }: Presented,
    key: AnswerKey,
    state: AnswerRow['state'],
    signed: { digest: Digest; outcome: string; jws: string } | undefined,
  ): void {
    const statement = signed && sealStatement(this.#bureau, this.#subjectKey(key), key, signed.jws);
    const { digest = null, outcome = null } = signed ?? {};
    this.#fresh.push({
      ...{ key, state, lender: inquiry.claims.iss, presenter: peer, grant: grant.digest },
      purpose: inquiry.claims.purpose,
      ...{
        digest,
        outcome,
        statement,
        nowMs: this.#bureau.clock.now(),
        purgeAtMs: purgeAtMs(inquiry.claims),
      },
    });
  }

  #leaf(
    { inquiry }: Presented,
    key: AnswerKey,
    typ: 'disclosure' | 'refusal',
    { digest, outcome }: { digest: Digest; outcome: string },
  ): void {
    const { clock, me } = this.#bureau;
    const parties = { iss: me, aud: inquiry.claims.iss, at_ms: clock.now() };
    this.#stage(key.subjectRef, { typ, digest, inquiry: key.inquiry, use: key.use, ...parties, outcome });
  }
}

const purged = () =>
  new CausewayError('deadline_passed', { detail: 'This was answered once; its bytes are gone.' });
