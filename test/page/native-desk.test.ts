import AxeBuilder from '@axe-core/playwright';
import { freshKey } from '@causeway/sandbox/clients';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { DEMO_BUREAUS } from '@causeway/sandbox/plan';
import { agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrowser } from './browser.ts';

const bureau = 'xiaomi';
const lina = sandboxSubject('li-na');
let federation: Federation;
let browser: Browser;

beforeAll(async () => {
  federation = await startTestFederation({ bureaus: DEMO_BUREAUS.filter(({ id }) => id === bureau) });
  browser = await startBrowser();
  await federation.publisher(bureau).roster(federation.natives.get(bureau)?.system.roster ?? []);
});
afterAll(async () => {
  await browser?.close();
  await stopTestFederation(federation);
});

/** Li Na disputes the loan that a lender was given. */
async function disputed(): Promise<void> {
  const terms = usualTerms([bureau], 1);
  const lender = federation.lender('abc-bank');
  const { disclosures } = await inquireUnder(lender, await agree(federation, lender, lina, terms), terms);
  const loan = disclosures[0]?.claims.records.find(({ record }) => record === 'account');
  const disputes = await federation.disputes(lina);
  const item = {
    bureau,
    record: loan?.record_id ?? '',
    reason: 'already_paid',
    text: '三月已经还清。',
  } as const;
  const id = await disputes.open(item, freshKey());
  await expect.poll(async () => (await disputes.show(id)).state, { timeout: 30_000 }).toBe('marked');
}

test('who handles disputes is told that another system holds the item, and cannot pass it by', async () => {
  await disputed();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  await page.goto(`${federation.url(bureau)}/console/disputes`);
  await page.locator('main').getByRole('button', { name: '登录' }).click();
  await page.getByRole('button', { name: `${bureau}.dispute_handler` }).click();
  await page.getByRole('button', { name: '打开（将留痕）' }).click();
  await page.getByText('三月已经还清。').waitFor();
  await page.getByRole('button', { name: '信息提供者已答复' }).click();
  await page.getByText('该条信息保存在本机构的业务系统（xiaomi）中').waitFor();
  expect(await page.getByRole('form').count()).toBe(0);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await page.getByRole('button', { name: '已在该系统中更正' }).click();
  await page.getByRole('alert').getByText('still reports it as it was').waitFor();
  expect(await federation.disputeDesk(bureau).list()).toMatchObject([{ state: 'answered' }]);
  await page.getByLabel('核查结论').selectOption('unfounded');
  await page.getByRole('button', { name: '结束异议' }).click();
  await expect.poll(async () => await federation.disputeDesk(bureau).list(), { timeout: 20_000 }).toEqual([]);
  await context.close();
});
