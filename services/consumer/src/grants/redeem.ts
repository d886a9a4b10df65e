import { decideAtConsumer, type ConsentFacts, type ConsumerFacts, type Redemption } from '@causeway/gate';
import { lockSubjectsShared, withReceipts, type StageLeaf } from '@causeway/member';
import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError, readUnverified, type Consent, type Inquiry, type Verified } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import { lockConsent } from '../consents/repository.ts';
import { openStatement } from '../consents/sealed-statement.ts';
import type { Consumer } from '../consumer.ts';
import type { ConsentRow, ConsumerTables } from '../tables.ts';
import { readInquiry } from './inquiry.ts';
import { issueGrants } from './issue.ts';
import { nodesFor } from './nodes.ts';
import { recordDenial, type RefusedItem } from './refuse.ts';
import { inquiryFacts, spendUse } from './repository.ts';

export interface RedemptionItem {
  readonly inquiry: string;
  /** Only these nodes get a grant: a renewal for some bureaus, or for the broker itself. */
  readonly nodes?: readonly string[];
}

export interface GrantedItem {
  readonly use: number;
  readonly grants: string[];
  readonly consent: string;
}

/** One item within its transaction. */
interface Case {
  readonly trx: Transaction<ConsumerTables>;
  readonly stage: StageLeaf;
  readonly inquiry: Verified<Inquiry>;
  readonly presenter: string;
  readonly nodes: readonly string[] | undefined;
}

/** What is known about the inquiry, read under the locks. */
interface Known {
  readonly row: ConsentRow | undefined;
  readonly statement: string | undefined;
  readonly facts: ConsumerFacts;
}

/**
 * Redeems one inquiry in one transaction: under the subject's status lock and the consent's row lock it
 * decides, spends a use at most once per inquiry, and records grants or refusal with leaves and the subject's
 * history line. Throws where no decision about the subject is due: the inquiry does not verify, or has
 * expired without a use.
 */
export async function redeem(
  consumer: Consumer,
  item: RedemptionItem,
  presenter: string,
): Promise<GrantedItem | RefusedItem> {
  const { inquiry, expired } = readInquiry(consumer, item.inquiry, presenter);
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const on = { trx, stage, inquiry, presenter, nodes: item.nodes };
    const { subject_ref, consent, purpose } = inquiry.claims;
    await lockSubjectsShared(trx, [subject_ref]);
    const row = consent === undefined ? undefined : await lockConsent(trx, subject_ref, { digest: consent });
    const asked = { subjectRef: subject_ref, inquiry: inquiry.digest, purpose, iss: consumer.key.member };
    const { frozen, refused, use } = await inquiryFacts(trx, asked);
    if (use !== undefined) return await renew(consumer, on, { row, frozen, use });
    if (refused) return { refusal: refused.statement, code: refused.code };
    if (expired) throw new CausewayError('expired', { pointer: '/exp' });
    return await redeemFirst(consumer, on, { row, frozen });
  });
  // A crash after the commit leaves a spent use, leaves and a line of history without an answer: the broker
  // comes again with the same inquiry, and gets renewed grants under the same use, or the recorded refusal.
  await consumer.faults.at('grants-committed');
  return value;
}

interface Read {
  readonly row: ConsentRow | undefined;
  readonly frozen: boolean;
}

async function redeemFirst(consumer: Consumer, on: Case, read: Read) {
  const { trx, inquiry } = on;
  const { row } = read;
  const known = factsOf(consumer, on, read, undefined);
  const decision = decideAtConsumer(inquiry, known.facts);
  if (decision.decision === 'deny' || !row || known.statement === undefined) {
    return await deny(consumer, on, decision, undefined);
  }
  const nodes = nodesFor(
    on.nodes,
    { bureaus: decision.bureaus, presenter: on.presenter },
    consumer.directory(),
  );
  const use = await spendUse(trx, row, inquiry.digest, consumer.clock.now());
  return await grant(consumer, on, { decision, nodes, use, consent: known.statement });
}

/**
 * Grants for an inquiry that has its use: nothing is spent. Bureaus get them until the grace after the
 * deadline is over, the broker as long as the consent stands.
 */
async function renew(consumer: Consumer, on: Case, { use, ...read }: Read & { readonly use: number }) {
  const { inquiry, presenter } = on;
  const known = factsOf(consumer, on, read, 'broker');
  const decision = decideAtConsumer(inquiry, known.facts);
  if (decision.decision === 'deny' || known.statement === undefined)
    return await deny(consumer, on, decision, use);
  const nodes = nodesFor(on.nodes, { bureaus: decision.bureaus, presenter }, consumer.directory());
  const forBureaus = decideAtConsumer(inquiry, { ...known.facts, renewal: 'bureau' });
  const open = forBureaus.decision === 'permit' ? nodes : nodes.filter((node) => node === presenter);
  if (open.length === 0) throw new CausewayError('deadline_passed');
  return await grant(consumer, on, { decision, nodes: open, use, consent: known.statement });
}

async function grant(
  consumer: Consumer,
  { trx, stage, inquiry, presenter }: Case,
  decided: { decision: Redemption; nodes: readonly string[]; use: number; consent: string },
): Promise<GrantedItem> {
  const { use, nodes, consent } = decided;
  await consumer.faults.at('grants-decided');
  const issue = { inquiry, presenter, nodes, use, grant: decided.decision.grant };
  return { use, grants: await issueGrants(consumer, trx, stage, issue), consent };
}

async function deny(
  consumer: Consumer,
  { trx, stage, inquiry }: Case,
  decision: ReturnType<typeof decideAtConsumer>,
  use: number | undefined,
): Promise<RefusedItem> {
  if (decision.decision === 'permit')
    throw new CausewayError('internal', { internal: 'permitted without a consent' });
  await consumer.faults.at('grants-decided');
  return await recordDenial(consumer, trx, stage, { inquiry, denial: decision, use });
}

function factsOf(
  consumer: Consumer,
  { inquiry }: Case,
  { frozen, row }: Read,
  renewal: ConsumerFacts['renewal'],
): Known {
  const { iss } = inquiry.claims;
  const statement = row && openStatement(consumer, row);
  const facts = {
    nowMs: consumer.clock.now(),
    asker: consumer.directory().member(iss),
    policy: NATIONAL_POLICY,
    consent: row && statement !== undefined ? consentFacts(row, statement) : undefined,
    frozen,
    renewal,
  };
  return { row, statement, facts };
}

function consentFacts(row: ConsentRow, statement: string): ConsentFacts {
  // This node signed it, and its box opens under this node's key only: it is what was signed.
  const claims = readUnverified(statement).claims as Consent;
  return { digest: row.digest, claims, state: row.state, uses: row.uses };
}
