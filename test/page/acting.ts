import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';

interface Kit {
  readonly browser: Browser;
  /** Li Na's, signed in. */
  readonly page: Page;
  readonly url: string;
}

/** What of a page not everybody can use (WCAG 2.2 AA). */
async function unfit(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html}`));
}

/** Somebody acts for a person on a page of their own: entrusted by a code, shown at all times, ended. */
export function actingTests(kit: () => Kit): void {
  let agent: Page;

  test('is entrusted with the code that they show, by a sign-in of the person', async () => {
    const { browser, page, url } = kit();
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
    agent = await context.newPage();
    await agent.goto(`${url}/settings`);
    await agent.getByRole('button', { name: '登录' }).click();
    await agent.getByRole('button', { name: '王淡' }).click();
    await agent.waitForURL(`${url}/settings`);
    await agent.getByLabel('您如何称呼请您代表的人').fill('妈妈');
    await agent.getByRole('button', { name: '出示代码' }).click();
    const shown = await agent.getByText(/^您的代码：/u).innerText();
    await page.goto(`${url}/settings`);
    await page.getByLabel('对方的代码').fill(shown.replace('您的代码：', ''));
    await page.getByLabel('您如何称呼代表您的人').fill('小王');
    await page.getByRole('checkbox', { name: '冻结和解冻' }).check();
    await page.getByRole('button', { name: '登录并授权对方代表我' }).click();
    await page.getByRole('button', { name: /李娜/u }).click();
    await page.waitForURL(`${url}/settings`);
    await page.getByText('小王可以代表您').waitFor();
    expect(await unfit(page)).toEqual([]);
  });

  test('sees at all times for whom they act, and no more than they may', async () => {
    const { page, url } = kit();
    await agent.reload();
    await agent.getByRole('button', { name: '代表妈妈操作' }).click();
    await agent.getByText('您正在代表妈妈操作。').waitFor();
    const places = agent.getByRole('navigation').getByRole('link');
    expect(await places.allInnerTexts()).toEqual(['查询记录', '授权管理', '冻结']);
    expect(await unfit(agent)).toEqual([]);
    await agent.goto(`${url}/history`);
    await agent.getByText('您正在代表妈妈操作。').waitFor();
    await agent.getByText('获准查询了您的信用信息').first().waitFor();
    await agent.goto(`${url}/freeze`);
    await agent.getByRole('button', { name: '立即冻结' }).click();
    await agent.getByRole('button', { name: '解除冻结' }).click();
    await agent.getByRole('button', { name: /王淡/u }).click();
    await agent.waitForURL(`${url}/freeze`);
    await agent.getByRole('button', { name: '立即冻结' }).waitFor();
    await page.goto(`${url}/permissions`);
    await page.getByText('由小王代我办理').nth(1).waitFor();
    expect(await page.getByText('由小王代我办理').count()).toBe(2);
  });

  test('is stopped by the person with one click', async () => {
    const { page, url } = kit();
    await page.goto(`${url}/settings`);
    await page.getByRole('button', { name: '立即终止' }).click();
    await page.getByText('已于').waitFor();
    await agent.goto(`${url}/history`);
    await agent.getByRole('alert').first().waitFor();
    expect(await agent.getByText('获准查询了您的信用信息').count()).toBe(0);
    await agent.getByRole('button', { name: '恢复为本人操作' }).click();
    await agent.getByRole('heading', { name: '谁可以代表我' }).waitFor();
    await agent.context().close();
  });
}
