import { readFileSync } from 'node:fs';
import { sha256Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { type Agreed, agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { request } from './answers.ts';
import { callFederation } from './federation-call.ts';
import { queryDatabase } from './rows.ts';

let federation: Federation;
let agreed: Agreed;
const bureaus = ['central', 'harbour', 'lotus'];
const members = ['authority', 'consumer', 'broker', ...bureaus];
const terms = usualTerms(bureaus, 9);

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  agreed = await agree(federation, federation.lender('abc-bank'), sandboxSubject('li-na'), terms);
});
/** A grant’s leaf is deleted below. */
afterAll(() => stopTestFederation(federation, { findings: [/^consumer: leaf [0-9]+ is missing/u] }));

interface Alarm {
  readonly kind: string;
  readonly member: string;
  readonly index: number;
  readonly inquiry: string | null;
  readonly use: number | null;
  readonly at_ms: number;
}

interface State {
  readonly members: { member: string; position: number; size: number; behind: boolean }[];
  readonly legs: { paired: number };
  readonly inquiries: { waiting: number };
  readonly alarms_total: number;
  readonly alarms: Alarm[];
}

const state = async (): Promise<State> =>
  (await request(`${federation.url('authority')}/v1/reconciliation`)).body as unknown as State;

const patience = { timeout: 30_000, interval: 200 };

/** Runs an inquiry; returns its digest and its use. */
async function inquire(): Promise<{ inquiry: string; use: number }> {
  const { report } = await inquireUnder(federation.lender('abc-bank'), agreed, terms);
  const { inquiry, use } = report.claims;
  return { inquiry, use };
}

interface Leaf {
  readonly typ: string;
  readonly digest: string;
  readonly inquiry: string;
  readonly use: number | null;
  readonly aud?: string;
}

/** Stages a leaf as the owner of a member's database, and waits for its place. */
async function plant(member: string, { aud = 'abc-bank', ...leaf }: Leaf): Promise<number> {
  const { digest, inquiry, typ, use } = leaf;
  const values = ['planted', digest, typ, inquiry, use, member, aud, Date.now()];
  await queryDatabase(
    ...[federation, member],
    `INSERT INTO leaf_staging (partition_key, digest, typ, inquiry, use, iss, aud, at_ms)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values,
  );
  return await vi.waitFor(async () => {
    const [row] = await leavesOf(member, 'digest = $1', [digest]);
    if (row === undefined) throw new Error('not placed yet');
    return row.idx;
  }, patience);
}

const leavesOf = async (member: string, where: string, values: unknown[]): Promise<{ idx: number }[]> =>
  (
    await queryDatabase<{ idx: string }>(federation, member, `SELECT idx FROM leaf WHERE ${where}`, values)
  ).map(({ idx }) => ({ idx: Number(idx) }));

/** What is found from now on, once there are so many alarms more, and how long it took. */
async function found(before: State, more: number, sinceMs: number) {
  const after = await vi.waitFor(async () => {
    const now = await state();
    expect(now.alarms_total).toBeGreaterThanOrEqual(before.alarms_total + more);
    return now;
  }, patience);
  const fresh = after.alarms.slice(0, after.alarms_total - before.alarms_total);
  const tookMs = Math.max(...fresh.map(({ at_ms }) => at_ms)) - sinceMs;
  return { tookMs, alarms: fresh.map(({ at_ms: _at, ...alarm }) => alarm) };
}

/** Once all that is there has its place and has been read, and nothing is waited for. */
async function settled(): Promise<State> {
  return await vi.waitFor(async () => {
    const sizes = await Promise.all(members.map(placedIn));
    const now = await state();
    const read = new Map(now.members.map(({ member, position }) => [member, position]));
    expect(members.map((member) => (read.get(member) ?? -1) >= (sizes.shift() ?? 0))).not.toContain(false);
    expect([now.members.filter(({ behind }) => behind), now.inquiries.waiting]).toEqual([[], 0]);
    return now;
  }, patience);
}

/** How many leaves a member has, once none is without a place. */
async function placedIn(member: string): Promise<number> {
  const text = 'SELECT size, (SELECT count(*) FROM leaf_staging) AS staged FROM ledger_state';
  const [row] = await queryDatabase<{ size: string; staged: string }>(federation, member, text);
  expect(row?.staged).toBe('0');
  return Number(row?.size);
}

/** The bound once ledgers have placed what is theirs. */
const boundMs = 5000;

describe('inquiries as they should be', () => {
  test('pair in all their legs and raise no alarm', async () => {
    const before = await settled();
    await inquire();
    const legs = { inquiry: 1, grants: bureaus.length + 1, disclosures: bureaus.length, report: 1 };
    const more = Object.values(legs).reduce((sum, n) => sum + n, 0);
    await vi.waitFor(
      async () => expect((await state()).legs.paired).toBe(before.legs.paired + more),
      patience,
    );
    const now = await settled();
    expect(now.alarms).toEqual([]);
    expect(now.members.map(({ member }) => member)).toEqual(members);
    expect(JSON.stringify(now)).not.toContain('s1.');
  });
});

test('S59 three ledgers join by one id, and tell who asked, for what and by which consent', async () => {
  const asked = await inquireUnder(federation.lender('abc-bank'), agreed, terms);
  const { inquiry, use } = asked.report.claims;
  const legs = async (member: string, typ: string) =>
    await queryDatabase(
      ...[federation, member],
      `SELECT iss, aud, use::int FROM leaf WHERE inquiry = $1 AND typ = $2 AND aud = ANY($3)`,
      [inquiry, typ, ['broker', 'central', 'abc-bank']],
    );
  // What was answered is staged; each ledger places it in its own time.
  await vi.waitFor(async () => {
    expect(await legs('broker', 'inquiry')).toEqual([{ iss: 'abc-bank', aud: 'broker', use: null }]);
    const grants = await legs('consumer', 'grant');
    expect(grants).toContainEqual({ iss: 'consumer', aud: 'central', use });
    expect(await legs('central', 'disclosure')).toEqual([{ iss: 'central', aud: 'abc-bank', use }]);
    expect(await legs('broker', 'report')).toEqual([{ iss: 'broker', aud: 'abc-bank', use }]);
  }, patience);
  const { consent, purpose, categories } = { consent: agreed.digest, ...terms };
  const claims = JSON.parse(Buffer.from(asked.jws.split('.')[1] ?? '', 'base64url').toString()) as object;
  expect(claims).toMatchObject({ iss: 'abc-bank', operator: 'op-17', consent, purpose, categories });
  const line = 'SELECT lender, purpose, categories, outcome, use FROM access WHERE inquiry = $1';
  const lender = 'abc-bank';
  expect(await queryDatabase(federation, 'consumer', line, [inquiry])).toEqual([
    { lender, purpose, categories, outcome: 'granted', use },
  ]);
  const answer = 'SELECT lender, presenter, use::int FROM answer WHERE inquiry = $1';
  expect(await queryDatabase(federation, 'central', answer, [inquiry])).toEqual([
    { lender, presenter: 'broker', use },
  ]);
});

describe('S51 what the owner of a database does is found and named', () => {
  test('a disclosure without a grant', async () => {
    const { inquiry } = await inquire();
    const before = await settled();
    const index = await plant('central', {
      typ: 'disclosure',
      digest: sha256Digest('planted'),
      inquiry,
      use: 99,
    });
    const { alarms, tookMs } = await found(before, 1, Date.now());
    expect(alarms).toEqual([
      { kind: 'disclosure_without_grant', member: 'central', index, inquiry, use: 99 },
    ]);
    expect(tookMs).toBeLessThan(boundMs);
  });

  test('a grant that the consumer service has no leaf for', async () => {
    const before = await settled();
    await queryDatabase(federation, 'consumer', DROP_GRANTS);
    const { inquiry, use } = await inquire();
    const endedMs = Date.now();
    await queryDatabase(federation, 'consumer', 'DROP FUNCTION drop_grant CASCADE');
    const { alarms, tookMs } = await found(before, 1, endedMs);
    const [{ idx: index } = { idx: -1 }] = await leavesOf('lotus', 'inquiry = $1', [inquiry]);
    expect(alarms).toEqual([{ kind: 'disclosure_without_grant', member: 'lotus', index, inquiry, use }]);
    expect(tookMs).toBeLessThan(boundMs);
  });

  test('a grant’s leaf that is deleted after it was read', async () => {
    const { inquiry, use } = await inquire();
    const before = await settled();
    const [{ idx: index } = { idx: -1 }] = await leavesOf('consumer', `inquiry = $1 AND aud = 'central'`, [
      inquiry,
    ]);
    await queryDatabase(federation, 'consumer', 'DELETE FROM leaf WHERE idx = $1', [index]);
    const { alarms, tookMs } = await found(before, 1, Date.now());
    expect(alarms).toEqual([{ kind: 'leaf_missing', member: 'consumer', index, inquiry, use }]);
    expect(tookMs).toBeLessThan(60_000);
  });

  test('a disclosure that is replayed', async () => {
    const { inquiry, use } = await inquire();
    const before = await settled();
    const index = await plant('harbour', {
      typ: 'disclosure',
      digest: sha256Digest('replayed'),
      inquiry,
      use,
    });
    const { alarms, tookMs } = await found(before, 1, Date.now());
    expect(alarms).toEqual([{ kind: 'second_answer', member: 'harbour', index, inquiry, use }]);
    expect(tookMs).toBeLessThan(boundMs);
  });

  test('a grant for an inquiry that the broker knows nothing of', async () => {
    const before = await settled();
    const inquiry = sha256Digest('invented');
    const leaf = { typ: 'grant', digest: sha256Digest('invented grant'), inquiry, use: 1, aud: 'lotus' };
    const index = await plant('consumer', leaf);
    const { alarms, tookMs } = await found(before, 1, Date.now());
    expect(alarms).toEqual([{ kind: 'grant_without_inquiry', member: 'consumer', index, inquiry, use: 1 }]);
    expect(tookMs).toBeLessThan(boundMs);
  });
});

/** A consumer service that grants a bureau what its ledger does not hold. */
const DROP_GRANTS = `
  CREATE FUNCTION drop_grant() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.typ = 'grant' AND NEW.aud = 'lotus' THEN RETURN NULL; END IF; RETURN NEW;
  END $$;
  CREATE TRIGGER drop_grant BEFORE INSERT ON leaf_staging FOR EACH ROW EXECUTE FUNCTION drop_grant()`;

describe('openings', () => {
  const ask = async (by: string, to: string, query: string) =>
    await callFederation(federation, { by, to, path: `/v1/leaves${query}` });

  test('are served to the authority, page by page, without a word on whom', async () => {
    for (const to of members) {
      const { body, status } = await ask('authority', to, '?from=1&limit=2');
      const { leaves, size } = body as { leaves: { idx: number }[]; size: number };
      expect(status).toBe(200);
      expect(leaves.map(({ idx }) => idx)).toEqual([1, 2].filter((idx) => idx < size));
      expect(JSON.stringify(body)).not.toContain('s1.');
    }
    const { body } = await ask('authority', 'consumer', '?from=900000');
    expect(body['leaves']).toEqual([]);
  });

  test.each(['broker', 'consumer', 'central'])('are forbidden to %s, of its own node too', async (by) => {
    for (const to of members) {
      const { body, status } = await ask(by, to, '?from=0');
      expect([status, body['code'], body['leaves']]).toEqual([403, 'role_not_permitted', undefined]);
    }
  });

  test('S58 each reading of them, and each attempt, is in the log of the node that was asked', async () => {
    await ask('authority', 'central', '?from=0');
    await ask('lotus', 'central', '?from=0');
    const read = await vi.waitFor(() => {
      const log = readFileSync(federation.process('central').logFile, 'utf8').trim().split('\n');
      const lines = log.flatMap((line) => (line.includes('/v1/leaves') ? [JSON.parse(line) as object] : []));
      expect(lines.length).toBeGreaterThan(1);
      return lines;
    }, patience);
    expect(read).toContainEqual(
      expect.objectContaining({ event: 'request', peer: 'authority', status: 200 }),
    );
    expect(read).toContainEqual(expect.objectContaining({ event: 'request', peer: 'lotus', status: 403 }));
  });

  const from = ['-1', '1e3', '9007199254740992', `1${'0'.repeat(40)}`].map((each) => `?from=${each}`);
  const others = ['', '?from=0&limit=0', '?from=0&limit=1001', '?from=0&subject=x'];
  test.each([...from, ...others])('asked for as %j are refused', async (query) => {
    const { body, status } = await ask('authority', 'broker', query);
    expect([status, body['code']]).toEqual([400, 'bad_request']);
  });
});
