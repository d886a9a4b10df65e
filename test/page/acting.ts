import type { Federation } from '@causeway/sandbox/federation';
import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { asked } from './asked.ts';
import { reported } from './disputed-item.ts';
import { unfit } from './unfit.ts';

interface Kit {
  readonly federation: Federation;
  readonly browser: Browser;
  /** Li Na's, signed in. */
  readonly page: Page;
  readonly url: string;
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
    for (const power of ['冻结和解冻', '提出异议', '答复授权请求，暂停、恢复或撤回授权'])
      await page.getByRole('checkbox', { name: power }).check();
    const go = page.getByRole('button', { name: '登录并授权对方代表我' });
    await page.getByRole('checkbox', { name: '仅限特定用途的请求' }).check();
    expect(await go.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: '信用卡审批' }).check();
    expect(await unfit(page)).toEqual([]);
    await page.getByRole('button', { name: '登录并授权对方代表我' }).click();
    await page.getByRole('button', { name: /李娜/u }).click();
    await page.waitForURL(`${url}/settings`);
    await page.getByText('小王可以代表您').waitFor();
    await page.getByText('授权请求及授权：仅限信用卡审批').waitFor();
    expect(await unfit(page)).toEqual([]);
  });

  test('sees at all times for whom they act, and no more than they may', async () => {
    const { page, url } = kit();
    await agent.reload();
    await agent.getByRole('button', { name: '代表妈妈操作' }).click();
    await agent.getByText('您正在代表妈妈操作。').waitFor();
    const places = agent.getByRole('navigation').getByRole('link');
    expect(await places.allInnerTexts()).toEqual(['查询记录', '授权管理', '冻结', '异议']);
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

  test('answers no request for another purpose, and stops no consent for one', async () => {
    const { federation, page, url } = kit();
    await asked(federation);
    await page.goto(`${url}/permissions`);
    await page.getByRole('button', { name: '不同意' }).waitFor();
    await agent.goto(`${url}/permissions`);
    await agent.getByText('没有机构向您提出请求。').waitFor();
    await agent.getByText('贷款审批').first().waitFor();
    const stopping = { name: /^(?:暂停|恢复|撤回)$/u };
    expect(await page.getByRole('button', stopping).count()).toBeGreaterThan(0);
    expect(await agent.getByRole('button', stopping).count()).toBe(0);
    await page.getByRole('button', { name: '不同意' }).click();
    await page.getByText('没有机构向您提出请求。').waitFor();
  });

  test('disputes an item for the person and takes it back, and both read by whom', async () => {
    const { federation, page, url } = kit();
    const { item, report } = await reported({ federation, page, url });
    const query = new URLSearchParams({ bureau: 'central', record: item.record_id, report });
    await agent.goto(`${url}/disputes/new?${query.toString()}`);
    await agent.getByText('您正在代表妈妈操作。').waitFor();
    await agent.getByLabel('金额有误').check();
    await agent.getByRole('button', { name: '继续' }).click();
    await agent.getByRole('textbox').fill('金额不对。');
    await agent.getByRole('button', { name: '继续' }).click();
    expect(await unfit(agent)).toEqual([]);
    await agent.getByRole('button', { name: '提交' }).click();
    await agent.waitForURL(`${url}/disputes`);
    await agent.getByText('由小王代我办理').waitFor();
    await agent.getByText('该条信息已在每份报告中标注异议').waitFor({ timeout: 60_000 });
    expect(await agent.getByRole('alert').count()).toBe(0);
    expect(await agent.getByText('拒绝了您的申请').count()).toBe(0);
    expect(await unfit(agent)).toEqual([]);
    await page.goto(`${url}/disputes`);
    await page.getByText('由小王代我办理').waitFor();
    await agent.getByRole('button', { name: '撤回异议' }).click();
    await agent.getByRole('button', { name: '确认撤回异议' }).click();
    await agent.getByText('由小王代我撤回').waitFor();
    await page.getByText('由小王代我撤回').waitFor();
    expect(await unfit(page)).toEqual([]);
  });

  test('is stopped by the person with one click', async () => {
    const { page, url } = kit();
    await page.goto(`${url}/settings`);
    await page.getByRole('button', { name: '立即终止' }).click();
    await page.getByText('已于').waitFor();
    await agent.goto(`${url}/history`);
    await agent.getByRole('alert').first().waitFor();
    expect(await agent.getByText('获准查询了您的信用信息').count()).toBe(0);
    await agent.goto(`${url}/disputes`);
    await agent.getByRole('alert').first().waitFor();
    expect(await agent.getByText('由小王代我办理').count()).toBe(0);
    await agent.getByRole('button', { name: '恢复为本人操作' }).click();
    await agent.getByRole('heading', { name: '谁可以代表我' }).waitFor();
    await agent.context().close();
  });
}
