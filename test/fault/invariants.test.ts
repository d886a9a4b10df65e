import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { Refused } from '@causeway/sdk';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { databaseUrl } from '../e2e/rows.ts';
import { asking, violationsAtRest } from './at-rest.ts';
import { INVARIANTS, type Invariant, type Violation, violationsOf } from './invariants.ts';
import { Load } from './load.ts';
import { type Ask, snapshotOf, type Told } from './snapshot.ts';
import { StubbornLender } from './stubborn-lender.ts';

const LENDER = 'abc-bank';
let federation: Federation;
let told: Told;

/** Inquiries of every kind: followed to their reports, accepted and left alone, refused early and late. */
beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  const lender = federation.lender(LENDER);
  const terms = usualTerms(['central', 'lotus', 'harbour'], 20);
  const agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
  const asked = new StubbornLender(federation, LENDER);
  const load = new Load({ lender: asked, agreed: [agreed], terms, perSecond: 20, atOnceMax: 4 });
  load.start();
  await vi.waitUntil(() => load.told.reports.length > 3, { timeout: 60_000 });
  await load.stop();
  const left = await asked.accepted(agreed, terms, 60);
  told = { ...load.told, accepted: [...load.told.accepted, left.inquiry.digest] };
  const { categories } = terms;
  const question = { subjectRef: agreed.subjectRef, consent: agreed.digest, categories, operator: 'op-1' };
  const early = { ...question, purpose: 'COLLECTION' as const };
  await refused(lender.inquire(early), 'purpose_not_permitted');
  const another = { ...question, purpose: terms.purpose };
  await refused(federation.lender('evergreen').inquire(another), 'not_authorised');
});
afterAll(() => stopTestFederation(federation));

test('at rest the checker finds nothing', async () => {
  expect(await violationsAtRest(federation, told)).toEqual([]);
});

async function refused(asked: Promise<unknown>, code: string): Promise<void> {
  const answer = await asked.then(
    () => 'nothing',
    (error: unknown) => (error instanceof Refused ? error.code : 'another error'),
  );
  if (answer !== code) throw new Error(`expected ${code}, was told ${answer}`);
}

/** Which record is broken, where and how, and what the checker must say to it, with what `pick` found. */
interface Break {
  what: string;
  in: string;
  /** One row; its columns are $1, $2, … of the statements. */
  pick: string;
  sql: string[];
  /** The rule by its name, the member, and the row, where $1, $2, … are what was picked. */
  says: [Invariant, string, string][];
}

const finished = "state = 'complete' ORDER BY accepted_ms LIMIT 1";
const newest = 'ORDER BY accepted_ms DESC LIMIT 1';
/** A digest of the right form that is of nothing. */
const noStatement = (name: string): string => `sha-256:${name.padEnd(42, '-')}A`;
const appended = (typ: string, digest: string, from: string): string =>
  `INSERT INTO leaf (idx, digest, typ, inquiry, use, iss, aud, at_ms, outcome)
   SELECT (SELECT size FROM ledger_state), '${digest}', typ, inquiry, use, iss, aud, at_ms, outcome
     FROM leaf WHERE typ = '${typ}' AND ${from} LIMIT 1`;
const grown = 'UPDATE ledger_state SET size = size + 1';
const lastLeaf = (typ: string): string =>
  `SELECT digest, idx FROM leaf WHERE typ = '${typ}' ORDER BY idx DESC LIMIT 1`;

const BREAKS: Break[] = [
  {
    what: 'an accepted inquiry is forgotten',
    in: 'broker',
    pick: `SELECT digest, inquiry FROM inquiry WHERE state = 'complete' ${newest}`,
    sql: ['inquiry', 'inquiry_bureau', 'inquiry_disclosure', 'inquiry_report'].map(
      (table) => `DELETE FROM ${table} WHERE inquiry = $2`,
    ),
    says: [['what was accepted is kept', 'broker', '$1']],
  },
  {
    what: 'an inquiry ends without an answer of a bureau',
    in: 'broker',
    pick: `SELECT digest FROM inquiry WHERE ${finished}`,
    sql: ["UPDATE inquiry SET state = 'partial' WHERE digest = $1"],
    says: [['what was accepted is answered in full', 'broker', '$1']],
  },
  {
    what: 'an answer of a bureau is gone, which no lender has fetched',
    in: 'broker',
    pick: `SELECT digest, inquiry FROM inquiry WHERE state = 'complete' ${newest}`,
    sql: ["DELETE FROM inquiry_disclosure WHERE inquiry = $2 AND bureau = 'lotus'"],
    says: [['what was accepted is answered in full', 'broker', '$1']],
  },
  {
    what: 'the report that was delivered is another than the stored one',
    in: 'broker',
    pick: `SELECT inquiry, r.digest, (SELECT digest FROM inquiry_report WHERE inquiry <> i.inquiry LIMIT 1)
             FROM inquiry i JOIN inquiry_report r USING (inquiry) WHERE ${finished}`,
    sql: ['UPDATE inquiry_report SET digest = $3 WHERE inquiry = $1'],
    says: [['what a lender holds is what is stored', 'broker', '$2']],
  },
  {
    what: 'work is left in the outbox',
    in: 'broker',
    pick: `SELECT inquiry FROM inquiry WHERE ${finished}`,
    sql: ['INSERT INTO inquiry_outbox (inquiry, next_at_ms) VALUES ($1, 9000000000000)'],
    says: [['nothing is left to do', 'broker', '$1']],
  },
  {
    what: 'a bureau is still to be asked',
    in: 'broker',
    pick: `SELECT inquiry FROM inquiry WHERE ${finished}`,
    sql: ["UPDATE inquiry_bureau SET state = 'waiting' WHERE inquiry = $1 AND bureau = 'lotus'"],
    says: [['nothing is left to do', 'broker', '$1 lotus']],
  },
  {
    what: 'a second report',
    in: 'broker',
    pick: `SELECT inquiry FROM inquiry WHERE ${finished}`,
    sql: [
      `INSERT INTO inquiry_report SELECT inquiry, use + 1, version, digest, report, signed_under, signed_ms
         FROM inquiry_report WHERE inquiry = $1`,
    ],
    says: [['one report, and its versions in order', 'broker', '$1']],
  },
  {
    what: 'a second leaf of a report',
    in: 'broker',
    pick: `SELECT inquiry, digest FROM inquiry WHERE ${finished}`,
    sql: [appended('report', noStatement('second'), 'inquiry = $2'), grown],
    says: [['one report, and its versions in order', 'broker', '$1']],
  },
  {
    what: 'no report of a complete inquiry',
    in: 'broker',
    pick: `SELECT inquiry FROM inquiry WHERE state = 'complete' ${newest}`,
    sql: ['DELETE FROM inquiry_report WHERE inquiry = $1'],
    says: [['one report, and its versions in order', 'broker', '$1']],
  },
  {
    what: 'an inquiry spends twice',
    in: 'consumer',
    pick: 'SELECT inquiry, use FROM consent_use LIMIT 1',
    sql: [
      `INSERT INTO consent_use (subject_ref, inquiry, consent, use, at_ms)
       VALUES ('another', $1, 'another', $2, 0)`,
    ],
    says: [['one use of an inquiry, the same everywhere', 'consumer', '$1']],
  },
  {
    what: 'the broker knows another use than was spent',
    in: 'broker',
    pick: `SELECT digest FROM inquiry WHERE ${finished}`,
    sql: ['UPDATE inquiry SET use = use + 70 WHERE digest = $1'],
    says: [['one use of an inquiry, the same everywhere', 'broker', '$1']],
  },
  {
    what: 'a use is counted back',
    in: 'consumer',
    pick: 'SELECT digest FROM consent LIMIT 1',
    sql: ['UPDATE consent SET uses = uses - 1 WHERE digest = $1'],
    says: [['no use is refunded or given twice', 'consumer', '$1']],
  },
  {
    what: 'a spent use is dropped',
    in: 'consumer',
    pick: 'SELECT inquiry, use, consent FROM consent_use ORDER BY use LIMIT 1',
    sql: ['DELETE FROM consent_use WHERE inquiry = $1'],
    says: [
      ['one use of an inquiry, the same everywhere', 'broker', '$1'],
      ['no use is refunded or given twice', 'consumer', '$3'],
      ['one line of history for each decision', 'consumer', '$1 $2 granted'],
    ],
  },
  {
    what: 'a line is missing from the history',
    in: 'consumer',
    pick: "SELECT inquiry, use FROM access WHERE outcome = 'granted' LIMIT 1",
    sql: ['DELETE FROM access WHERE inquiry = $1'],
    says: [['one line of history for each decision', 'consumer', '$1 $2 granted']],
  },
  {
    what: 'a refusal of the broker has not reached the history',
    in: 'consumer',
    pick: "SELECT inquiry FROM access WHERE decided_by = 'broker' LIMIT 1",
    sql: ['DELETE FROM access WHERE inquiry = $1', 'DELETE FROM refusal WHERE inquiry = $1'],
    says: [['one line of history for each decision', 'consumer', '$1 0 refused broker']],
  },
  {
    what: 'a line of history that nobody decided',
    in: 'consumer',
    pick: "SELECT 'sha-256:nobody'",
    sql: [
      `INSERT INTO access (subject_ref, id, at_ms, lender, purpose, categories, bureaus, outcome, inquiry,
                           use, decided_by, leaf)
       SELECT subject_ref, gen_random_uuid(), at_ms, lender, purpose, categories, bureaus, outcome, $1, 1,
              decided_by, leaf FROM access WHERE outcome = 'granted' LIMIT 1`,
    ],
    says: [['one line of history for each decision', 'consumer', '$1 1 granted']],
  },
  {
    what: 'a bureau answers twice',
    in: 'lotus',
    pick: "SELECT inquiry, use FROM answer WHERE state = 'disclosed' LIMIT 1",
    sql: [appended('disclosure', noStatement('second'), 'inquiry = $1 AND use = $2'), grown],
    says: [['one disclosure of a bureau for each use', 'lotus', '$1 $2']],
  },
  {
    what: 'the broker holds another disclosure than the bureau stored',
    in: 'lotus',
    pick: "SELECT inquiry, digest FROM answer WHERE state = 'disclosed' LIMIT 1",
    sql: ["UPDATE answer SET digest = 'sha-256:other' WHERE inquiry = $1"],
    says: [
      ['one disclosure of a bureau for each use', 'lotus', '$2'],
      ['no disclosure without its leaf', 'lotus', 'sha-256:other'],
    ],
  },
  {
    what: 'the last leaf of a bureau is gone as if it had never been',
    in: 'lotus',
    pick: lastLeaf('disclosure'),
    sql: ['DELETE FROM leaf WHERE digest = $1', 'UPDATE ledger_state SET size = size - 1'],
    says: [['no disclosure without its leaf', 'lotus', '$1']],
  },
  {
    what: 'a disclosure reached the broker that the bureau has no record of',
    in: 'broker',
    pick: `SELECT inquiry FROM inquiry WHERE ${finished}`,
    sql: [
      `INSERT INTO inquiry_disclosure SELECT inquiry, bureau, use + 1, 'sha-256:unlogged', disclosure,
         grant_digest, verified_under, received_ms FROM inquiry_disclosure
        WHERE inquiry = $1 AND bureau = 'harbour'`,
    ],
    says: [
      ['one disclosure of a bureau for each use', 'harbour', 'sha-256:unlogged'],
      ['no disclosure without its leaf', 'harbour', 'sha-256:unlogged'],
    ],
  },
  {
    what: 'a bureau answered under a grant that has no leaf',
    in: 'lotus',
    pick: 'SELECT inquiry FROM answer LIMIT 1',
    sql: ["UPDATE answer SET grant_digest = 'sha-256:unlogged' WHERE inquiry = $1"],
    says: [['no grant without its leaf', 'consumer', 'sha-256:unlogged']],
  },
  {
    what: 'the leaf of a grant is changed',
    in: 'consumer',
    pick: "SELECT digest FROM leaf WHERE typ = 'grant' AND aud = 'central' ORDER BY idx LIMIT 1",
    sql: [`UPDATE leaf SET digest = '${noStatement('changed')}' WHERE digest = $1`],
    says: [['no grant without its leaf', 'consumer', '$1']],
  },
  {
    what: 'the leaf of a report is changed',
    in: 'broker',
    pick: lastLeaf('report'),
    sql: [`UPDATE leaf SET digest = '${noStatement('changed')}' WHERE digest = $1`],
    says: [['no report without its leaf', 'broker', '$1']],
  },
  {
    what: 'the leaf of an inquiry says that it is another statement',
    in: 'broker',
    pick: lastLeaf('inquiry'),
    sql: ["UPDATE leaf SET typ = 'refusal' WHERE digest = $1"],
    says: [['no inquiry without its leaf', 'broker', '$1']],
  },
  {
    what: 'a leaf is taken out of the middle',
    in: 'harbour',
    pick: 'SELECT digest, idx, (SELECT size FROM ledger_state) FROM leaf WHERE idx = 1',
    sql: ['DELETE FROM leaf WHERE digest = $1'],
    says: [
      ['no disclosure without its leaf', 'harbour', '$1'],
      ['every ledger is dense, and nothing waits for its place', 'harbour', 'index $2'],
      ['every ledger is dense, and nothing waits for its place', 'harbour', 'size $3'],
    ],
  },
  {
    what: 'an index is left out',
    in: 'consumer',
    pick: 'SELECT max(idx) FROM leaf',
    sql: ['UPDATE leaf SET idx = idx + 1000 WHERE idx = $1'],
    says: [['every ledger is dense, and nothing waits for its place', 'consumer', 'index $1']],
  },
  {
    what: 'a leaf waits for its place for ever',
    in: 'central',
    pick: `SELECT 'sha-256:${'waits'.padEnd(43, 'A')}'`,
    sql: [
      `INSERT INTO leaf_staging (partition_key, digest, typ, iss, aud, at_ms)
       SELECT 'p', $1, typ, iss, aud, at_ms FROM leaf LIMIT 1`,
    ],
    says: [['every ledger is dense, and nothing waits for its place', 'central', '$1']],
  },
];

test.each(BREAKS)('the checker can fail: $what', async ({ in: member, pick, says, sql }) => {
  const { found, picked } = await brokenOnPurpose(member, pick, sql);
  const row = (text: string): string =>
    text.replaceAll(/\$(\d)/g, (_, n: string) => String(picked[Number(n) - 1]));
  const expected = says.map(([invariant, node, text]) => ({ invariant, node, row: row(text) }));
  expect(found).toEqual(expected);
});

test('every invariant is broken at least once', () => {
  const broken = new Set(BREAKS.flatMap(({ says }) => says.map(([invariant]) => invariant)));
  expect([...broken].toSorted()).toEqual(Object.keys(INVARIANTS).toSorted());
});

/** What the checker says with one record broken, in a transaction of the superuser that is rolled back. */
async function brokenOnPurpose(
  member: string,
  pick: string,
  sql: readonly string[],
): Promise<{ found: Violation[]; picked: unknown[] }> {
  const client = new pg.Client(databaseUrl(federation, member));
  await client.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query<unknown[]>({ text: pick, rowMode: 'array' });
    const picked = rows[0] ?? [];
    expect(picked).not.toEqual([]);
    for (const text of sql) {
      const used = picked.filter((_, i) => text.includes(`$${i + 1}`));
      expect((await client.query(renumbered(text), used)).rowCount).toBeGreaterThan(0);
    }
    const elsewhere = asking(federation);
    const ask: Ask = async (of, text) =>
      of === member ? (await client.query(text)).rows : elsewhere(of, text);
    return { found: violationsOf(await snapshotOf(ask, federation.card.bureaus, told)), picked };
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}

/** A statement uses some of what was picked: its parameters are numbered by their order. */
function renumbered(text: string): string {
  const used = [...new Set(text.match(/\$\d/g))].toSorted();
  return text.replaceAll(/\$\d/g, (each) => `$${used.indexOf(each) + 1}`);
}
