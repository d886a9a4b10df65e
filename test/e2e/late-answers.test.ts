import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type SignedInquiry, verifyEvidence } from '@causeway/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';

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
