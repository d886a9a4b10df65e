import type { MergedFile } from '@causeway/records';
import type { Federation } from '@causeway/sandbox/federation';
import { freshKey } from '@causeway/sandbox/clients';
import { sandboxSubject, type SandboxSubject } from '@causeway/sandbox/people/persons';
import { DEMO_BUREAUS } from '@causeway/sandbox/plan';
import { agree, inquireUnder, usualTerms, type Terms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { AnsweredInquiry } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryDatabase } from './rows.ts';

let federation: Federation;
const liNa = sandboxSubject('li-na');
const firm = sandboxSubject('pingshan-trading');
const natives = DEMO_BUREAUS.filter(({ speaks }) => speaks !== undefined).map(({ id }) => id);

beforeAll(async () => {
  federation = await startTestFederation({ bureaus: DEMO_BUREAUS });
  await publishIslands(federation, () => undefined);
});
afterAll(() => stopTestFederation(federation));

const terms = (further: Terms['categories']): Terms => {
  const usual = usualTerms(federation.card.bureaus, 3);
  return { ...usual, categories: [...usual.categories, ...further] };
};

async function reportOn(
  subject: SandboxSubject,
  asked: Terms,
  deadlineSeconds = 30,
): Promise<AnsweredInquiry> {
  const lender = federation.lender('abc-bank');
  return inquireUnder(lender, await agree(federation, lender, subject, asked), asked, { deadlineSeconds });
}

const claimsOf = ({ report }: AnsweredInquiry) => report.claims;

/** Every row of a merged file, whatever list it stands in. */
const rowsOf = (merged: MergedFile) =>
  Object.entries(merged).flatMap(([list, rows]) =>
    list === 'same_debts' ? [] : (rows as MergedFile['accounts']),
  );

/** From which bureaus a list of the file comes. */
const bureausOf = (rows: readonly { sources: { bureau: string }[] }[] | undefined): string[] =>
  [...new Set((rows ?? []).flatMap(({ sources }) => sources.map(({ bureau }) => bureau)))].toSorted();

describe('a person known to seven bureaus, four of them before native systems', () => {
  test('has one report of all, each row with its source, and native codes where there are some', async () => {
    const person: Terms['categories'] = ['GUARANTEE', 'PUBLIC_RECORD', 'SCORE', 'WATCHLIST'];
    const { exposure, manifest, merged } = claimsOf(await reportOn(liNa, terms(person)));
    expect(manifest.map(({ bureau, outcome }) => `${bureau} ${outcome}`).toSorted()).toEqual(
      DEMO_BUREAUS.map(({ id }) => `${id} answered`).toSorted(),
    );
    expect(exposure.lower_bound).toBe(false);
    expect(bureausOf(merged.scores)).toEqual(['sesame', 'tencent', 'xiaomi']);
    expect(bureausOf(merged.accounts)).toEqual(
      expect.arrayContaining(['central', 'lotus', 'registry', 'xiaomi']),
    );
    expect(bureausOf(merged.liabilities)).toEqual(['registry']);
    const native = rowsOf(merged).filter((row) => natives.includes(row.sources[0]?.bureau ?? ''));
    expect(native.filter((row) => row.native !== undefined).length).toBeGreaterThan(0);
    for (const row of native) expect(row.source_record_id).not.toBe('');
  });

  test('S43 gets from a native system what was asked for, and nothing beside it', async () => {
    const { merged } = claimsOf(await reportOn(liNa, terms([])));
    expect(Object.keys(merged).toSorted()).toEqual(
      ['accounts', 'inquiries', 'obligations', 'profiles', 'same_debts'].toSorted(),
    );
  });

  test('S98 leaves no number of hers in the database of any bureau that asked for her', async () => {
    for (const bureau of natives) {
      const rows = await queryDatabase<{ row: string }>(
        federation,
        bureau,
        "SELECT encode(sealed, 'escape') AS row FROM roster",
      );
      expect(rows.length).toBeGreaterThan(100);
      expect(rows.map(({ row }) => row).join()).not.toContain(liNa.identifier.value);
    }
  });
});

describe('a dispute that reaches every bureau', () => {
  test('is taken by all seven, and the next lender reads each item with its mark', async () => {
    const asked = terms(['SCORE']);
    const { disclosures } = await reportOn(liNa, asked);
    const items = disclosures.flatMap(({ claims: { iss, records } }) =>
      records.slice(0, 1).map(({ record_id }) => ({ bureau: iss, record: record_id })),
    );
    expect(items.map(({ bureau }) => bureau).toSorted()).toEqual(DEMO_BUREAUS.map(({ id }) => id).toSorted());
    const [first, ...also] = items;
    const disputes = await federation.disputes(liNa);
    const said = { reason: 'not_mine', text: 'None of this is mine.' } as const;
    await disputes.open({ bureau: '', record: '', ...first, also, ...said }, freshKey());
    const states = async () =>
      (await disputes.list()).map(({ bureau, state }) => `${bureau} ${state}`).toSorted();
    const marked = DEMO_BUREAUS.map(({ id }) => `${id} marked`).toSorted();
    await expect.poll(states, { timeout: 60_000, interval: 500 }).toEqual(marked);
    const next = await reportOn(liNa, asked);
    for (const { bureau, record } of items) {
      const records = next.disclosures.find(({ claims }) => claims.iss === bureau)?.claims.records ?? [];
      const disputed = records.filter(({ display_state }) => display_state === 'marked');
      expect(disputed).toMatchObject([{ record_id: record, marks: [{ kind: 'dispute_mark' }] }]);
    }
  });

  test('is ended by the people of a bureau only as its native system has it', async () => {
    const desk = federation.disputeDesk('xiaomi');
    const [open] = await desk.list();
    const id = open?.id ?? '';
    await desk.act(id, 'answer', { by: 'zhang' });
    for (const what of ['correction', 'deletion'] as const)
      await expect(desk.act(id, what, { by: 'zhang' })).rejects.toMatchObject({ code: 'conflict' });
    await desk.act(id, 'finding', { by: 'zhang', outcome: 'unfounded' });
    await expect.poll(async () => (await desk.show(id)).state, { timeout: 20_000 }).toBe('closed');
    const { disclosures } = await reportOn(liNa, terms(['SCORE']));
    const told = disclosures.filter(({ claims }) => JSON.stringify(claims.records).includes('dispute_mark'));
    expect(told.map(({ claims }) => claims.iss)).not.toContain('xiaomi');
    expect(told).toHaveLength(DEMO_BUREAUS.length - 1);
  });
});

describe('an enterprise', () => {
  test('by its representative’s consent shows accounts, guarantees, owners and statements', async () => {
    const company: Terms['categories'] = ['IDENTITY', 'GUARANTEE', 'OWNERSHIP', 'FINANCIALS'];
    const { merged } = claimsOf(await reportOn(firm, terms(company)));
    expect(bureausOf(merged.accounts)).toEqual(expect.arrayContaining(['central', 'registry']));
    expect(merged.profiles).toEqual([expect.objectContaining({ kind: 'enterprise' })]);
    for (const list of [merged.liabilities, merged.relations, merged.statements]) {
      expect(bureausOf(list)).toEqual(['registry']);
    }
  });

  test('is nobody to a bureau whose native system knows persons only', async () => {
    const { manifest } = claimsOf(await reportOn(firm, terms([])));
    const outcomes = Object.fromEntries(manifest.map(({ bureau, outcome }) => [bureau, outcome]));
    expect(outcomes).toMatchObject({ sesame: 'not_found', tencent: 'not_found', xiaomi: 'not_found' });
  });
});

describe('a native system that is away', () => {
  test('is told in /readyz, and is "unavailable" in the report, never "no record"', async () => {
    const bureau = 'tencent';
    await federation.natives.get(bureau)?.system.stop();
    const { exposure, manifest } = claimsOf(await reportOn(liNa, terms(['SCORE']), 5));
    expect(manifest.find((row) => row.bureau === bureau)).toMatchObject({
      outcome: 'error',
      code: 'unavailable',
    });
    expect(exposure.lower_bound).toBe(true);
    const health = async () => {
      const answer = await fetch(`${federation.url(bureau)}/readyz`);
      return { status: answer.status, body: (await answer.json()) as { details?: Record<string, object> } };
    };
    await expect
      .poll(async () => (await health()).body.details?.['source tencent'], { timeout: 15_000 })
      .toMatchObject({ ok: false });
    expect((await health()).status).toBe(200);
  });
});
