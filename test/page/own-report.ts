import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Federation } from '@causeway/sandbox/federation';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAuthenticator } from './authenticator.ts';

interface World {
  readonly federation: Federation;
  readonly browser: Browser;
  readonly url: string;
  /** Somebody else, signed in. */
  readonly stranger: Page;
  /** What went wrong in pages themselves. */
  readonly broken: string[];
}

/** Part of the portal's tests, in its federation, once that is there. */
export function ownReportTests(world: () => World): void {
  let own: Page;
  const url = (): string => world().url;

  /** Another person, whose bureaus disagree on a balance, at a phone of their own. */
  beforeAll(async () => {
    const phone = await world().browser.newContext({
      viewport: { width: 360, height: 740 },
      locale: 'zh-CN',
    });
    own = await phone.newPage();
    own.on('pageerror', ({ message }) => world().broken.push(message));
    const protocol = await phone.newCDPSession(own);
    await protocol.send('WebAuthn.enable');
    await addAuthenticator(protocol, 'internal');
    await own.goto(`${url()}/settings`);
    await own.getByRole('button', { name: '登录' }).click();
    await own.getByRole('button', { name: '吴异' }).click();
    await own.getByRole('button', { name: '添加通行密钥' }).click();
    await own.getByRole('button', { name: '吴异' }).click();
    await own.getByText('使用中', { exact: true }).waitFor();
  });
  afterAll(async () => await own.context().close());

  const shown = async (): Promise<void> => await own.getByRole('heading', { name: '个人信用报告' }).waitFor();

  test('comes from every bureau when their passkey has signed; the history says so', async () => {
    await own.goto(`${url()}/report`);
    await own.getByText('本年度已查询 0 次；每年 2 次免费').waitFor();
    await own.getByRole('button', { name: '立即查询本人报告' }).click();
    await shown();
    const rows = own.getByRole('region', { name: '各机构答复情况' }).locator('tbody tr');
    const outcomes = await rows.allTextContents();
    expect(outcomes).toHaveLength(world().federation.card.bureaus.length);
    for (const text of outcomes) expect(text).toMatch(/已答复|没有您的记录/u);
    await own.getByText('本年度第 1 次查询；每年 2 次免费。').waitFor();
    expect(await own.getByRole('article', { name: /^账户 \d+：/u }).count()).toBe(1);
    expect(await own.getByText(/各机构在“余额”上不一致/u).count()).toBe(1);
    expect(await own.getByRole('img', { name: /24 个月/u }).count()).toBeGreaterThan(0);
    const report = own.url();
    await own.goto(`${url()}/history`);
    await own.getByText('您本人查询了自己的信用报告。').waitFor();
    await own.goto(report);
    await shown();
  });

  test('has at each row the way to dispute it, at every bureau that reported it', async () => {
    const link = own.getByRole('link', { name: /^有错误？向.+提出异议：账户 1/u });
    const { pathname, searchParams } = new URL((await link.getAttribute('href')) ?? '', url());
    const named = searchParams.getAll('bureau');
    expect(pathname).toBe('/disputes/new');
    expect(world().federation.card.bureaus).toEqual(expect.arrayContaining(named));
    expect(new Set(named).size).toBe(2);
    expect(searchParams.getAll('record')).toEqual([
      expect.stringMatching(/\S/u),
      expect.stringMatching(/\S/u),
    ]);
    expect(searchParams.get('report')).toMatch(/^sha-256:/u);
  });

  test('lets them leave a bureau out of a dispute, but not all of them', async () => {
    const report = own.url();
    await own.getByRole('link', { name: /^有错误？向.+提出异议：账户 1/u }).click();
    await own.getByText('向哪些机构提出？').first().waitFor();
    const boxes = await own.getByRole('checkbox').all();
    for (const box of boxes) await box.uncheck();
    await own.getByRole('button', { name: '继续' }).click();
    expect(await own.getByLabel('我已还清').count()).toBe(0);
    await boxes[0]?.check();
    await own.getByRole('button', { name: '继续' }).click();
    await own.getByLabel('我已还清').waitFor();
    expect(boxes).toHaveLength(2);
    await own.goto(report);
    await shown();
  });

  test('is WCAG 2.2 AA and 360 pixels wide, and no wider at twice the size', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await own.emulateMedia({ colorScheme });
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
      const { violations } = await new AxeBuilder({ page: own }).withTags(tags).analyze();
      expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
    }
    for (const size of ['', '200%']) {
      await own.evaluate(`document.documentElement.style.fontSize = '${size}'`);
      expect(await own.evaluate('document.documentElement.scrollWidth')).toBe(360);
    }
    await own.evaluate("document.documentElement.style.fontSize = ''");
  });

  test('S54 is nobody else’s; what is kept on them goes out only behind a sign-in for it', async () => {
    const id = new URL(own.url()).searchParams.get('id') ?? '';
    expect((await world().stranger.request.get(`${url()}/v1/report/${id}`)).status()).toBe(404);
    expect((await own.request.get(`${url()}/v1/export`)).status()).toBe(401);
    await own.getByRole('button', { name: '准备文件' }).click();
    await own.getByRole('button', { name: '吴异' }).click();
    const saved = own.waitForEvent('download');
    await own.getByRole('link', { name: '下载文件' }).click();
    const all = JSON.parse(readFileSync(await (await saved).path(), 'utf8')) as Record<string, unknown[]>;
    expect(all['reports']).toMatchObject([{ id, state: 'ready', report: expect.any(String) as string }]);
    expect(all['accesses']).toMatchObject([{ purpose: 'OWN_ENQUIRY', outcome: 'granted' }]);
  });
}
