import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface World {
  readonly browser: Browser;
  readonly url: string;
  /** What went wrong in pages themselves. */
  readonly broken: string[];
}

/** Part of the portal's tests, in its federation: a person who wants to be erased, and takes it back. */
export function erasureTests(world: () => World): void {
  let own: Page;

  beforeAll(async () => {
    const phone = await world().browser.newContext({
      viewport: { width: 360, height: 740 },
      locale: 'zh-CN',
    });
    own = await phone.newPage();
    own.on('pageerror', ({ message }) => world().broken.push(message));
    await own.goto(`${world().url}/settings`);
    await own.getByRole('button', { name: '登录' }).click();
    await own.getByRole('button', { name: '周迟' }).click();
    await own.getByRole('button', { name: '了解如何删除' }).waitFor();
  });
  afterAll(async () => await own.context().close());

  const sound = async (): Promise<void> => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await new AxeBuilder({ page: own }).withTags(tags).analyze();
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
    expect(await own.evaluate('document.documentElement.scrollWidth')).toBe(360);
  };

  test('S56 reads what it means and until when what stays, before anything is done', async () => {
    await own.getByRole('button', { name: '了解如何删除' }).click();
    await own.getByText(/^法律要求保存到 20\d\d/u).waitFor();
    await own.getByText('征信机构的不良信息').waitFor();
    const next = own.getByRole('button', { name: '继续' });
    expect(await next.isDisabled()).toBe(true);
    await sound();
    await own.getByRole('checkbox', { name: '我已了解以上后果' }).check();
    await next.click();
    await own.getByText('登录完成后，对您信息的一切使用立即停止。').waitFor();
    await sound();
    expect((await own.request.get(`${world().url}/v1/erasure`)).ok()).toBe(true);
    expect(await (await own.request.get(`${world().url}/v1/erasure`)).json()).toMatchObject({
      status: 'none',
    });
  });

  test('S56 is restricted by a sign-in for it, and sees who has confirmed', async () => {
    await own.getByRole('button', { name: '登录并提出删除' }).click();
    await own.getByRole('button', { name: '周迟' }).click();
    await own.getByText(/您的信息只保存，不使用/u).waitFor();
    await own.getByText(/^已确认停止使用：/u).waitFor();
    await sound();
    const refused = await own.request.post(`${world().url}/v1/report`, { headers: { origin: world().url } });
    expect(refused.ok()).toBe(false);
  });

  test('S56 the freeze page says that a restriction stands, and where it is taken back', async () => {
    await own.goto(`${world().url}/freeze`);
    await own.getByText('已限制处理：您要求删除信息，现在只保存，不使用。').waitFor();
    await own.getByText('这项限制不能像冻结那样解除，也不能对某家机构开放。').waitFor();
    await own.getByText('已确认的机构').waitFor();
    for (const name of ['解除冻结', '登录并开放', '立即冻结'])
      expect(await own.getByRole('button', { name }).count()).toBe(0);
    expect(await own.getByText(/已冻结/u).count()).toBe(0);
    await sound();
    await own.locator('header select').selectOption('en');
    await own.getByText('This cannot be lifted as a freeze can, nor opened for one lender.').waitFor();
    await own.locator('header select').selectOption('zh-CN');
    await own.goto(`${world().url}/`);
    await own.getByText('已限制处理：您要求删除信息，现在只保存，不使用。').waitFor();
    await own.goto(`${world().url}/freeze`);
    await own.getByRole('link', { name: '查看进展或撤回删除要求' }).click();
    await own.getByRole('button', { name: '撤回删除要求' }).click();
    await own.getByRole('button', { name: '了解如何删除' }).waitFor();
    await own.goto(`${world().url}/freeze`);
    await own
      .getByText(/已冻结/u)
      .first()
      .waitFor();
    await own.getByRole('button', { name: '解除冻结' }).waitFor();
  });
}
