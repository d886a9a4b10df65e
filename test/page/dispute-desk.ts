import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What the person had paid, as the bureau still has it. */
const canned = '信息提供者已确认您的还款，账户状态已更正。';

/**
 * At a bureau's console, in a browser of their own: somebody who handles disputes asks the provider, writes
 * down the answer, and corrects the balance in the form; its clock they may not move.
 */
export async function correctAtConsole(portal: Page, url: string): Promise<void> {
  const browser = portal.context().browser();
  if (browser === null) throw new Error('the page has no browser');
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  try {
    await openAs(page, url, 'central.dispute_handler');
    await page.getByText('三月已经还清。').waitFor();
    await page.getByText('有人受理后方可调整期限。').waitFor();
    await page.getByRole('button', { name: '转信息提供者核查' }).click();
    await page.getByText('您是该异议的处理人：期限须由他人调整。').waitFor();
    await page.getByLabel('信息提供者的答复（可不填）').fill('ours was wrong');
    await page.getByRole('button', { name: '信息提供者已答复' }).click();
    await openAs(page, url, 'central.second_handler');
    await page.getByRole('button', { name: '延期（须由另一人办理）' }).click();
    // A second person is heard; that the nation lets nobody extend this clock, the service says.
    await page.getByRole('alert').waitFor();
    await openAs(page, url, 'central.dispute_handler');
    await decide(page);
    await page.getByText('异议成立：该条信息已更正。').first().waitFor();
  } finally {
    await context.close();
  }
}

/** Signs in as somebody, and opens the only dispute. */
async function openAs(page: Page, url: string, person: string): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${url}/console/disputes`);
  await page.locator('main').getByRole('button', { name: '登录' }).click();
  await page.getByRole('button', { name: person }).click();
  await page.getByRole('button', { name: '打开（将留痕）' }).click();
}

/** Finds that the item was wrong, with a ready-made answer, and its balance as it is right. */
async function decide(page: Page): Promise<void> {
  await page.getByText('当事人将读到：异议成立：该条信息已更正。').waitFor();
  await page.getByLabel('常用答复').selectOption({ label: canned });
  const form = page.getByRole('form', { name: '更正该条信息' });
  expect(await form.getByRole('button', { name: '更正（尚未更改字段）' }).isDisabled()).toBe(true);
  await form.getByLabel('更正为：余额', { exact: true }).fill('0');
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await form.getByRole('button', { name: '更正 1 个字段' }).click();
}
