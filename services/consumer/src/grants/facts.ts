import type { HotStatement, HotTransaction } from '@causeway/service';
import type { Digest, PasskeyProof } from '@causeway/protocol';
import { evidenceUnder, statementUnder } from '../consents/sealed-statement.ts';
import type { ConsentRow } from '../tables.ts';
import type { Asked } from './asked.ts';
import { type AssertedFacts, readBatchAsserted } from './asserted.ts';
import type { OpenedConsent } from './consent-cache.ts';
import { keyIn, type Redeeming } from './redeeming.ts';

/** A consent under its row lock: what was signed, and what has become of it. */
export interface LockedConsent {
  readonly opened: OpenedConsent;
  readonly state: ConsentRow['state'];
  readonly uses: number;
}

/** What the tables say of one item, beside the consent that it cites. */
export interface ItemFacts {
  /** The use that it has spent. */
  readonly use: number | undefined;
  /** The refusal recorded for it, before any use or after. */
  readonly refused: { readonly code: string; readonly statement: string } | undefined;
  /** A freeze of the subject stands. */
  readonly frozen: boolean;
  /** The subject is to be erased: nothing at all is granted. */
  readonly restricted: boolean;
  /** The number of the freeze that the subject has opened for this asker for now. */
  readonly openedFreeze: number | undefined;
  /** The subject has warned that somebody may act in their name. */
  readonly fraudAlert: boolean;
  /** Where it cites an inquiry of this subject that was granted: who asked then, under which consent. */
  readonly cited: { readonly lender: string; readonly opened: OpenedConsent } | undefined;
  /** Uses that what it cites has served for. */
  readonly citedUses: number;
  /** What the person's passkey signed, where this very inquiry is it. */
  readonly asserted: AssertedFacts | undefined;
}

export interface BatchFacts {
  readonly items: readonly ItemFacts[];
  /** The directory that this node's processes have adopted. */
  readonly directoryVersion: number;
}

const lockConsents: HotStatement = {
  name: 'lock_consents',
  text: `SELECT held.subject_ref, held.digest, held.state, held.uses,
      CASE WHEN asked.known THEN NULL ELSE held.statement END AS statement,
      CASE WHEN asked.known OR held.strength <> 'passkey' THEN NULL ELSE held.evidence END AS proof
    FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::bool[]) AS each (ref, digest, known)
      ORDER BY ref, digest) AS asked
    CROSS JOIN LATERAL (SELECT subject_ref, digest, state, uses, strength, statement, evidence
      FROM consent
      WHERE subject_ref = asked.ref AND consent.digest = asked.digest FOR UPDATE) AS held`,
};

interface LockedRow {
  readonly subject_ref: string;
  readonly digest: Digest;
  readonly state: ConsentRow['state'];
  readonly uses: number;
  readonly statement: Buffer | null;
  /** Of a consent by passkey. */
  readonly proof: Buffer | null;
}

/** The name of a consent within a batch. */
export const consentName = (subjectRef: string, digest: string): string => `${subjectRef} ${digest}`;

/**
 * Locks the cited consents, all transactions in one order; every stop takes the same row locks. An inquiry
 * finds a consent of its own subject only.
 */
export async function lockCitedConsents(
  trx: HotTransaction,
  consumer: Redeeming,
  items: readonly Asked[],
): Promise<ReadonlyMap<string, LockedConsent>> {
  const cites = items.flatMap(({ inquiry: { claims } }) =>
    claims.consent === undefined ? [] : [{ ref: claims.subject_ref, digest: claims.consent }],
  );
  if (cites.length === 0) return new Map();
  const known = cites.map(({ digest }) => consumer.consents.has(digest));
  const rows = await trx.query<LockedRow>(lockConsents, [
    cites.map(({ ref }) => ref),
    cites.map(({ digest }) => digest),
    known,
  ]);
  return new Map(
    rows.map((row) => {
      const { state, uses } = row;
      return [consentName(row.subject_ref, row.digest), { opened: opened(consumer, row), state, uses }];
    }),
  );
}

function opened(
  consumer: Redeeming,
  row: Pick<LockedRow, 'digest' | 'proof' | 'statement' | 'subject_ref'>,
): OpenedConsent {
  const kept = consumer.consents.get(row.digest);
  if (kept !== undefined) return kept;
  if (row.statement === null) throw new RangeError('a consent was forgotten while its row was read');
  const statement = statementUnder(keyIn(consumer, row.subject_ref), { ...row, statement: row.statement });
  if (row.proof === null) return consumer.consents.put(row.digest, statement);
  // This service wrote it beside the consent.
  const evidence = evidenceUnder(keyIn(consumer, row.subject_ref), { ...row, evidence: row.proof });
  const passkey = JSON.parse(evidence) as PasskeyProof;
  return consumer.consents.put(row.digest, statement, passkey);
}

/** LIMIT keeps each look-up one by its key: joined, PostgreSQL would read whole tables into a hash. */
const readFacts: HotStatement = {
  name: 'redemption_facts',
  text: `SELECT asked.at::int AS at, (SELECT version FROM directory_state) AS version,
      (SELECT use FROM consent_use
        WHERE subject_ref = asked.ref AND inquiry = asked.inquiry LIMIT 1) AS use,
      refused.code, refused.statement,
      (SELECT max(restricts::int) FROM subject_freeze WHERE subject_ref = asked.ref AND lifted_ms IS NULL
        AND NOT asked.purpose = ANY (exempt_purposes)) AS frozen,
      (SELECT opened.sequence FROM subject_freeze AS standing JOIN freeze_window AS opened
          ON opened.subject_ref = standing.subject_ref AND opened.freeze_id = standing.id
        WHERE standing.subject_ref = asked.ref AND standing.lifted_ms IS NULL AND opened.lender = asked.lender
          AND opened.ended_ms IS NULL AND opened.from_ms <= $6 AND opened.until_ms > $6
        ORDER BY opened.sequence DESC LIMIT 1) AS opened,
      EXISTS (SELECT FROM fraud_alert WHERE subject_ref = asked.ref AND ended_ms IS NULL AND until_ms > $6)
        AS alerted
    FROM unnest($1::text[], $2::text[], $3::text[], $5::text[]) WITH ORDINALITY
      AS asked (ref, inquiry, purpose, lender, at)
    LEFT JOIN LATERAL (SELECT code, statement FROM refusal
      WHERE subject_ref = asked.ref AND inquiry = asked.inquiry AND iss = $4
      ORDER BY use DESC LIMIT 1) AS refused ON true`,
};

interface FactsRow {
  readonly at: number;
  readonly version: number | null;
  readonly use: number | null;
  readonly code: string | null;
  readonly statement: string | null;
  /** 1 where it restricts, null where none stands. */
  readonly frozen: number | null;
  readonly opened: number | null;
  readonly alerted: boolean;
}

const readCited: HotStatement = {
  name: 'redemption_cited',
  text: `SELECT asked.at::int AS at,
      (SELECT use FROM basis_use WHERE subject_ref = asked.ref AND inquiry = asked.inquiry LIMIT 1) AS use,
      (SELECT max(use) FROM basis_use WHERE subject_ref = asked.ref AND basis_use.cited = asked.cited)
        AS cited_uses,
      granted.lender, granted.digest, granted.statement, granted.proof
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (ref, inquiry, cited, at)
    LEFT JOIN LATERAL (SELECT consent FROM consent_use
      WHERE subject_ref = asked.ref AND inquiry = asked.cited LIMIT 1) AS earlier ON true
    LEFT JOIN LATERAL (SELECT lender, consent.digest, statement,
        CASE WHEN strength = 'passkey' THEN evidence END AS proof FROM consent
      WHERE subject_ref = asked.ref AND consent.digest = earlier.consent LIMIT 1) AS granted ON true`,
};

interface CitedRow {
  readonly at: number;
  readonly use: number | null;
  readonly cited_uses: number | null;
  readonly lender: string | null;
  readonly digest: Digest | null;
  readonly statement: Buffer | null;
  readonly proof: Buffer | null;
}

/**
 * Reads what is known of every item in one statement, after the locks were taken: what their last holders
 * wrote is seen. Where some rest on a basis, a second one reads what they cite.
 */
export async function readBatchFacts(
  trx: HotTransaction,
  consumer: Redeeming,
  items: readonly Asked[],
): Promise<BatchFacts> {
  const refs = items.map(({ inquiry }) => inquiry.claims.subject_ref);
  const inquiries = items.map(({ inquiry }) => inquiry.digest);
  const purposes = items.map(({ inquiry }) => inquiry.claims.purpose);
  const lenders = items.map(({ inquiry }) => inquiry.claims.iss);
  const rows = await trx.query<FactsRow>(readFacts, [
    ...[refs, inquiries, purposes, consumer.key.member, lenders, consumer.clock.now()],
  ]);
  const facts = new Map(rows.map((row) => [row.at - 1, row]));
  const cited = await readBatchCited(trx, consumer, items);
  const asserted = await readBatchAsserted(trx, consumer, items);
  return {
    directoryVersion: rows[0]?.version ?? 0,
    items: items.map((_, at) => ({ ...factsOf(facts.get(at), cited.get(at)), asserted: asserted.get(at) })),
  };
}

type CitedFacts = Pick<ItemFacts, 'use' | 'cited' | 'citedUses'>;

/** By the place in the batch; only for items that rest on a basis. */
async function readBatchCited(
  trx: HotTransaction,
  consumer: Redeeming,
  items: readonly Asked[],
): Promise<ReadonlyMap<number, CitedFacts>> {
  const based = items.flatMap(({ inquiry: { claims, digest } }, at) =>
    claims.basis === undefined ? [] : [{ at, ref: claims.subject_ref, digest, cited: claims.basis.cited }],
  );
  if (based.length === 0) return new Map();
  const rows = await trx.query<CitedRow>(readCited, [
    based.map(({ ref }) => ref),
    based.map(({ digest }) => digest),
    based.map(({ cited }) => cited),
  ]);
  return new Map(
    rows.flatMap((row): [number, CitedFacts][] => {
      const item = based[row.at - 1];
      return item === undefined ? [] : [[item.at, citedFacts(consumer, item.ref, row)]];
    }),
  );
}

function citedFacts(consumer: Redeeming, subjectRef: string, row: CitedRow): CitedFacts {
  const { cited_uses, digest, lender, proof, statement, use } = row;
  const earlier =
    digest === null || lender === null
      ? undefined
      : { lender, opened: opened(consumer, { subject_ref: subjectRef, digest, proof, statement }) };
  return { use: use ?? undefined, cited: earlier, citedUses: cited_uses ?? 0 };
}

function factsOf(row: FactsRow | undefined, cited: CitedFacts | undefined): Omit<ItemFacts, 'asserted'> {
  if (row === undefined) throw new RangeError('the facts of an item are missing');
  const { code, frozen, statement, use } = row;
  return {
    use: use ?? cited?.use,
    refused: code === null || statement === null ? undefined : { code, statement },
    frozen: frozen !== null,
    restricted: frozen === 1,
    openedFreeze: row.opened ?? undefined,
    fraudAlert: row.alerted,
    cited: cited?.cited,
    citedUses: cited?.citedUses ?? 0,
  };
}
