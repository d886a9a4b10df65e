import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type SignedInquiry, verifyEvidence } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { causeway } from './command-line.ts';

const LENDER = 'abc-bank';
let federation: Federation;

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
});

afterAll(async () => await stopTestFederation(federation));

async function ask(deadlineSeconds: number): Promise<SignedInquiry> {
  const lender = federation.lender(LENDER);
  const terms = usualTerms(federation.card.bureaus, 1);
  const { digest, subjectRef } = await agree(federation, lender, sandboxSubject('li-na'), terms);
  const { categories, purpose } = terms;
  const question = { subjectRef, consent: digest, purpose, categories, operator: 'op-1' };
  const inquiry = await lender.sign({ ...question, deadlineSeconds });
  await lender.submit(inquiry);
  return inquiry;
}

test('a bureau that comes back after the deadline makes version 2, and version 1 stays', async () => {
  const lender = federation.lender(LENDER);
  await federation.process('harbour').stop();
  const inquiry = await ask(3);
  const settled = async () => (await lender.status(inquiry.id)).state;
  await expect.poll(settled, { timeout: 30_000 }).toBe('partial');
  const first = await lender.report(inquiry);
  expect(first.report.claims).toMatchObject({ version: 1, exposure: { lower_bound: true } });
  expect(first.disclosures).toHaveLength(2);

  await federation.process('harbour').start();
  await expect.poll(settled, { timeout: 60_000 }).toBe('complete');
  const second = await lender.report(inquiry);
  expect(second.report.claims).toMatchObject({ version: 2, supersedes: first.report.digest });
  expect(second.report.claims.exposure.lower_bound).toBe(false);
  expect(second.disclosures).toHaveLength(3);
  const before = await lender.report(inquiry, 1);
  expect(before.report.jws).toBe(first.report.jws);
  expect(before.disclosures.map(({ jws }) => jws)).toEqual(first.disclosures.map(({ jws }) => jws));

  const { statements, verdict } = verifyEvidence(await lender.evidence(inquiry.id), federation.card.anchor);
  expect(verdict).toBe('verified');
  expect(statements.report.digest).toBe(second.report.digest);
});

describe('a dispute that comes late', () => {
  const told = async (...args: string[]): Promise<Record<string, unknown>> => {
    const { exit, said } = await causeway(...args, '--home', federation.home, '--json');
    const [answer = ''] = said.split('\n').filter((line) => line.startsWith('{'));
    return { exit, ...(JSON.parse(answer) as object) };
  };
  const item = (record: string) => ({ bureau: 'central', record, reason: 'not_mine', text: 'No.' }) as const;
  const inTime = { timeout: 60_000, interval: 500 };

  test('for its bureau was away and the consumer service was killed, is marked within a minute', async () => {
    const inquiry = await ask(30);
    const settled = async () => (await federation.lender(LENDER).status(inquiry.id)).state;
    await expect.poll(settled, { timeout: 30_000 }).toBe('complete');
    const { disclosures } = await federation.lender(LENDER).report(inquiry);
    const found = disclosures.find(({ claims }) => claims.iss === 'central')?.claims.records[0];
    const record = found?.record_id ?? '';
    const his = await federation.disputes(sandboxSubject('li-na'));
    const hers = await federation.disputes(sandboxSubject('wang-thin'));
    await federation.process('central').kill();
    const named = ['--bureau', 'central', '--record', record, '--text', 'Not mine.'];
    const { id } = await told('dispute', 'open', '--person', 'li-na', '--reason', 'not_mine', ...named);
    await federation.process('consumer').kill();
    await Promise.all(['consumer', 'central'].map((node) => federation.process(node).start()));
    await expect.poll(async () => (await his.show(String(id))).state, inTime).toBe('marked');
    expect(await told('disputes', 'list', '--bureau', 'central')).toMatchObject({
      ...{ exit: 0, disputes: [{ id, record, state: 'marked' }] },
    });
    // The same item, for a person whose it is not, is as one that is not there.
    for (const one of [record, 'nothing']) {
      const other = await hers.open(item(one), `key-${one}`);
      await expect.poll(async () => (await hers.show(other)).state, inTime).toBe('rejected');
    }
    expect(await told('dispute', 'show', '--person', 'wang-thin', '--dispute', String(id))).toMatchObject({
      ...{ exit: 4, error: 'not_found' },
    });
    await his.withdraw(String(id));
    await expect.poll(async () => (await his.show(String(id))).state, inTime).toBe('closed');
    expect(await federation.disputeDesk('central').list()).toEqual([]);
  });
});

test('a version that does not exist is not found, like a report of nobody', async () => {
  const lender = federation.lender(LENDER);
  const inquiry = await ask(30);
  await expect
    .poll(async () => (await lender.status(inquiry.id)).state, { timeout: 30_000 })
    .toBe('complete');
  await expect(lender.report(inquiry, 2)).rejects.toMatchObject({ code: 'not_found' });
  await expect(federation.lender('evergreen').report(inquiry, 1)).rejects.toMatchObject({
    code: 'not_found',
  });
});
