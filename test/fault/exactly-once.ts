import type { Federation } from '@causeway/sandbox/federation';
import { queryDatabase } from '../e2e/rows.ts';
import type { Accepted } from './stubborn-lender.ts';

const BUREAUS = ['central', 'harbour', 'lotus'];
const UNENDED = 'SELECT count(*) AS n FROM inquiry WHERE finished_ms IS NULL';

/**
 * What the databases say about inquiries, in numbers that must all equal the number of inquiries, or be 0.
 */
export interface Effects {
  accepted: number;
  complete: number;
  reports: number;
  /**
   * Versions beyond the first, work not done, bureaus not settled, and anybody's inquiry that has not ended.
   */
  leftovers: number;
  uses: number;
  history: number;
  /** Disclosures at the bureau whose bytes are those that the broker holds, by bureau. */
  disclosures: Record<string, number>;
  /** Second answers of any bureau, and answers without a disclosure. */
  doubled: number;
  /**
   * Leaves, by statement type, of these inquiries at the node that issued them, with "disclosure" for all
   * bureaus.
   */
  leaves: Record<string, number>;
}

/** Counts, as the databases' superuser, every effect that the inquiries had anywhere. */
export async function effectsOf(federation: Federation, inquiries: readonly Accepted[]): Promise<Effects> {
  const digests = inquiries.map(({ inquiry }) => inquiry.digest);
  const count = async (member: string, text: string): Promise<number> => {
    const [row] = await queryDatabase<{ n: string }>(federation, member, text, [digests]);
    return Number(row?.n);
  };
  const leaves = (member: string, typ: string) =>
    count(member, `SELECT count(*) AS n FROM leaf WHERE typ = '${typ}' AND inquiry = ANY($1)`);
  const perBureau = await Promise.all(BUREAUS.map((bureau) => disclosuresOf(federation, bureau, digests)));
  const answers = await Promise.all(
    BUREAUS.map((bureau) => count(bureau, 'SELECT count(*) AS n FROM answer WHERE inquiry = ANY($1)')),
  );
  const disclosureLeaves = await Promise.all(BUREAUS.map((bureau) => leaves(bureau, 'disclosure')));
  const ofBroker = (table: string, where: string) =>
    count(
      'broker',
      `SELECT count(*) AS n FROM ${table} JOIN inquiry i USING (inquiry)
                      WHERE i.digest = ANY($1) AND ${where}`,
    );
  const granted = `SELECT count(*) AS n FROM access WHERE inquiry = ANY($1) AND outcome = 'granted'`;
  return {
    accepted: await count('broker', 'SELECT count(*) AS n FROM inquiry WHERE digest = ANY($1)'),
    complete: await count(
      'broker',
      "SELECT count(*) AS n FROM inquiry WHERE digest = ANY($1) AND state = 'complete'",
    ),
    reports: await ofBroker('inquiry_report', 'version = 1'),
    leftovers:
      (await ofBroker('inquiry_report', 'version > 1')) +
      (await ofBroker('inquiry_outbox', 'true')) +
      (await count('broker', `${UNENDED} AND $1::text[] IS NOT NULL`)) +
      (await ofBroker('inquiry_bureau b', "b.state IN ('waiting', 'asking')")),
    uses: await count('consumer', 'SELECT count(*) AS n FROM consent_use WHERE inquiry = ANY($1)'),
    history: await count('consumer', granted),
    disclosures: Object.fromEntries(BUREAUS.map((bureau, i) => [bureau, perBureau[i] ?? 0])),
    doubled: sum(answers) - sum(perBureau),
    leaves: {
      inquiry: await leaves('broker', 'inquiry'),
      report: await leaves('broker', 'report'),
      disclosure: sum(disclosureLeaves),
    },
  };
}

/** What `effectsOf` must say about `n` inquiries that each had every effect once. */
export function onceEach(n: number): Effects {
  return {
    ...{ accepted: n, complete: n, reports: n, leftovers: 0, uses: n, history: n, doubled: 0 },
    disclosures: Object.fromEntries(BUREAUS.map((bureau) => [bureau, n])),
    leaves: { inquiry: n, report: n, disclosure: n * BUREAUS.length },
  };
}

/** Use numbers spent under each consent, in order, and the count that the consent itself keeps. */
export async function usesOf(federation: Federation, consents: readonly string[]): Promise<number[][]> {
  const rows = await queryDatabase<{ uses: number; spent: number[] }>(
    federation,
    'consumer',
    `SELECT c.uses, (SELECT array_agg(u.use ORDER BY u.use)
                       FROM consent_use u WHERE u.consent = c.digest) AS spent
       FROM consent c WHERE c.digest = ANY($1)`,
    [consents],
  );
  return rows.map(({ uses, spent }) => [uses, ...(spent ?? [])]);
}

/**
 * Every ledger: leaves still to be placed, and whether the placed ones have the indices 0, 1, 2 … once each.
 */
export async function ledgers(federation: Federation): Promise<Record<string, string>> {
  const found = ['broker', 'consumer', ...BUREAUS].map(async (member) => {
    const [row] = await queryDatabase<{ staged: string; dense: boolean }>(
      federation,
      member,
      `SELECT (SELECT count(*) FROM leaf_staging) AS staged,
              count(*) = max(idx) + 1 AND count(*) = count(DISTINCT digest)
                AND count(*) = (SELECT size FROM ledger_state) AS dense
         FROM leaf`,
    );
    return [member, `${row?.staged} staged, ${row?.dense ? 'dense' : 'not dense'}`] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

export const soundLedgers = Object.fromEntries(
  ['broker', 'consumer', ...BUREAUS].map((member) => [member, '0 staged, dense']),
);

/** Disclosures of one bureau that it stored and the broker holds, byte for byte by their digests. */
async function disclosuresOf(federation: Federation, bureau: string, digests: string[]): Promise<number> {
  const issued = await queryDatabase<{ inquiry: string; digest: string }>(
    federation,
    bureau,
    "SELECT inquiry, digest FROM answer WHERE inquiry = ANY($1) AND state = 'disclosed'",
    [digests],
  );
  const held = await queryDatabase<{ inquiry: string; digest: string }>(
    federation,
    'broker',
    `SELECT i.digest AS inquiry, d.digest FROM inquiry_disclosure d JOIN inquiry i USING (inquiry)
      WHERE i.digest = ANY($1) AND d.bureau = $2`,
    [digests, bureau],
  );
  const pairs = new Set(held.map(({ inquiry, digest }) => `${inquiry} ${digest}`));
  return issued.filter(({ inquiry, digest }) => pairs.has(`${inquiry} ${digest}`)).length;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
