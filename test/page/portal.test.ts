import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import type { Federation } from '@causeway/sandbox/federation';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { actingTests } from './acting.ts';
import { asked, lender } from './asked.ts';
import { startBrowser } from './browser.ts';
import { correctItem, disputeItem, readDecision } from './disputed-item.ts';
import { erasureTests } from './erasure-steps.ts';
import { ownReportTests } from './own-report.ts';
import { providingTests } from './providing.ts';

const dist = join(import.meta.dirname, '../../services/consumer/web/dist');
/** The proof of a line comes with the next checkpoint, and the witnesses a moment later. */
const patient = { timeout: 20_000, interval: 250 };
const places = [
  ...['/', '/history', '/permissions', '/freeze', '/disputes', '/disputes/new?bureau=central&record=x'],
  ...['/report', '/settings', '/sign-in-failed'],
];
let federation: Federation;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let url: string;
/** What went wrong in the page itself. */
const broken: string[] = [];

beforeAll(async () => {
  federation = await startTestFederation({});
  url = federation.url('consumer');
  browser = await startBrowser();
  context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
  page = await context.newPage();
  page.on('pageerror', ({ message }) => broken.push(message));
  page.on('console', (line) => {
    if (line.text().includes('Content Security Policy')) broken.push(line.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await stopTestFederation(federation);
});

/** Steps of a person, counted. */
let steps = 0;
const press = async (name: string | RegExp): Promise<void> => {
  steps += 1;
  await page.getByRole('button', { name, exact: typeof name === 'string' }).click();
};

describe('a person at a phone', () => {
  let inquire: () => Promise<unknown>;
  let stepsOfGiving = 0;

  test('sees nothing of anybody before they have signed in', async () => {
    for (const place of places) {
      await page.goto(`${url}${place}`);
      await page.getByRole('button', { name: '登录' }).waitFor();
      expect(await page.getByRole('navigation').count()).toBe(0);
    }
  });

  test('who comes back from a sign-in that came to nothing reads so, and how to go on', async () => {
    await page.goto(`${url}/v1/sign-in/return?error=access_denied&state=x`);
    await page.getByRole('heading', { name: '登录没有完成' }).waitFor();
    await page.getByText('没有授权、解除或更改任何内容。').waitFor();
    await page.goto(`${url}/sign-in-failed?why=cancelled&to=${encodeURIComponent('//elsewhere.example/')}`);
    await page.getByText('您在身份认证服务处取消了登录。').waitFor();
    expect(new URL(page.url()).origin).toBe(url);
    await page.getByRole('button', { name: '重新登录' }).click();
    await page.getByRole('button', { name: '李娜' }).waitFor();
    await page.goto(`${url}/freeze`);
  });

  test('signs in, and comes back to where they were, with what the link said', async () => {
    await page.goto(`${url}/freeze?report=sha-256%3Ax&open=y`);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/freeze?report=sha-256%3Ax&open=y`);
    await page.getByRole('heading', { name: '冻结全部查询' }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('reads what a lender asks for and approves it by signing in once more', async () => {
    ({ inquire } = await asked(federation));
    await page.goto(`${url}/permissions`);
    await page.getByText('信用信息查询授权书').waitFor();
    await page.getByText(/^申请机构：.+；牌照类别 A，管辖地区 CN/u).waitFor();
    await page.getByText('该机构声明（未经他人核实）：汽车贷款').waitFor();
    await page.getByText('年化利率（APR）：7.2%').waitFor();
    await page.locator('.form-text', { hasText: '公共' }).waitFor();
    await page.getByRole('checkbox', { name: /公共/u }).uncheck();
    await page.locator('.form-text', { hasNotText: '公共' }).waitFor();
    steps = 0;
    await press('同意');
    await press(/李娜/u);
    stepsOfGiving = steps;
    await page.waitForURL(`${url}/permissions`);
    await page.getByText('有效', { exact: true }).waitFor();
    await page.getByText('没有机构向您提出请求。').waitFor();
    expect(await page.getByText('已使用 0 次，共 5 次').count()).toBe(1);
  });

  test('watches the look arrive, in plain words and with its proof', async () => {
    await page.goto(`${url}/history`);
    await page.getByText('还没有人在这里查询过您的信用信息。').waitFor();
    await inquire();
    await page.getByText('获准查询了您的信用信息').waitFor({ timeout: 10_000 });
    await page.getByRole('status').getByText('查询记录新增 1 条').waitFor();
    await page.getByText('为什么会有这条记录？').click();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: '保存证明文件' }).click();
    expect(readFileSync(await (await saved).path(), 'utf8')).toMatch(/^c2sp\.org\/tlog-proof@v1\n/u);
  });

  test('has this browser prove it, under the root that it saw first', async () => {
    await page.reload();
    await vi.waitFor(async () => {
      await page.getByRole('button', { name: '在本浏览器中全部核验' }).click();
      await page.getByText('1 条记录中有 1 条已证明在账本中。').waitFor({ timeout: 2000 });
      await page.getByText(/已见证并签名。/u).waitFor({ timeout: 500 });
    }, patient);
    await page.getByText('已证明', { exact: true }).waitFor();
    const { anchor } = federation.card;
    expect(await page.getByText(anchor).count()).toBe(1);
    expect(await page.evaluate('localStorage.getItem("causeway-anchor")')).toBe(anchor);
  });

  test('is told when the service shows something else than it was', async () => {
    const other = `sha-256:${'A'.repeat(43)}`;
    await page.evaluate(`localStorage.setItem('causeway-anchor', '${other}')`);
    await page.getByRole('button', { name: '在本浏览器中全部核验' }).click();
    await page.getByText('服务所示内容的根与本浏览器此前所见不同。').waitFor();
    await page.evaluate(`localStorage.removeItem('causeway-anchor')`);
    const forge = async (route: Route): Promise<void> => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { items: { proof: string }[] };
      const changed = body.items.map((item) => ({
        ...item,
        proof: item.proof.replace(/index \d+/u, 'index 7'),
      }));
      await route.fulfill({ response: answer, json: { ...body, items: changed } });
    };
    await page.route('**/v1/accesses', forge);
    await page.getByRole('button', { name: '在本浏览器中全部核验' }).click();
    await page.getByText('有内容核验不符').waitFor();
    await page.getByText('未证明', { exact: true }).waitFor();
    await page.unroute('**/v1/accesses');
    expect(await page.getByText('核验无误').count()).toBe(0);
  });

  test('reads of a late line that it is one, and by which rule; and what is late for everybody', async () => {
    const late = async (route: Route): Promise<void> => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { items: object[]; shown_late: { rule: string }[] };
      const [rule] = body.shown_late;
      expect(rule).toMatchObject({ purpose: 'JUDICIAL', days: 90 });
      const court = { lender: 'authority', purpose: 'JUDICIAL', at: '2026-08-28', embargo: rule };
      const named = { purpose: 'GUARANTOR_REVIEW', named_as: 'guarantor' };
      const items = [court, named].map((change, n) => ({ ...body.items[0], id: `late-${n}`, ...change }));
      await route.fulfill({ response: answer, json: { ...body, items } });
    };
    await page.route('**/v1/accesses', late);
    await page.goto(`${url}/history`);
    await page.getByText('依据 cn.purpose.judicial.embargo 延迟 90 天显示').waitFor();
    await page.getByText('司法调查：依规定延迟 90 天显示').waitFor();
    await page.getByText('2026年8月28日', { exact: true }).waitFor();
    await page.getByText('因为有人申请贷款，并将您列为担保人。').waitFor();
    await page.locator('header select').selectOption('en');
    await page.getByText('Shown 90 days late under cn.purpose.judicial.embargo').waitFor();
    await page.getByText('judicial inquiry: shown here 90 days late').waitFor();
    await page.getByText('Aug 28, 2026', { exact: true }).waitFor();
    await page.getByText('in which you are named as guarantor').waitFor();
    await page.locator('header select').selectOption('zh-CN');
    await page.unroute('**/v1/accesses');
  });

  test('freezes everything; the next attempt is refused and says why', async () => {
    await page.goto(`${url}/freeze`);
    await page.getByRole('button', { name: '立即冻结' }).click();
    await page.getByText('起已冻结：任何机构都不能查询。').waitFor();
    await page.getByText('已确认的机构').waitFor();
    const acknowledged = async () => await page.getByRole('listitem').count();
    await vi.waitFor(async () => expect(await acknowledged()).toBeGreaterThan(3), patient);
    await expect(inquire()).rejects.toMatchObject({ code: 'subject_frozen' });
    await page.goto(`${url}/history`);
    await page.getByText('未获得任何内容').waitFor();
    await page.getByText('为什么会有这条记录？').first().click();
    await page.getByText('您的信息已冻结').waitFor();
  });

  test('opens the freeze for one lender with a new sign-in, and closes it again', async () => {
    await page.goto(`${url}/freeze`);
    await page.getByLabel('机构', { exact: true }).selectOption(lender);
    await page.getByRole('button', { name: '登录并开放' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/freeze`);
    await page.getByText(/对 .+ 开放至/u).waitFor();
    expect(await page.getByText('起已冻结：任何机构都不能查询。').count()).toBe(1);
    expect(await inquire()).toBeDefined();
    await page.getByRole('button', { name: '立即关闭' }).click();
    await page.getByText(/对 .+ 开放至/u).waitFor({ state: 'detached' });
    await expect(inquire()).rejects.toMatchObject({ code: 'subject_frozen' });
  });

  test('S44 lifts the freeze with a new sign-in, and withdraws in as few steps as giving took', async () => {
    await page.goto(`${url}/freeze`);
    await page.getByRole('button', { name: '解除冻结' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/freeze`);
    await page.getByText('未冻结：您授权的机构可以查询。').waitFor();
    await page.goto(`${url}/permissions`);
    steps = 0;
    await press('撤回');
    await press('确认撤回');
    expect(steps).toBeLessThanOrEqual(stepsOfGiving);
    await page.getByText('已撤回', { exact: true }).waitFor();
    await page.getByText(/您收回了对 .+ 的授权/u).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: /^保存回执：您收回了/u }).click();
    const receipt = JSON.parse(readFileSync(await (await saved).path(), 'utf8')) as Record<string, unknown>;
    expect(receipt).toMatchObject({ change: 'withdrawn', waiting: [] });
    expect(receipt['receipt']).toMatch(/^ey/u);
    await expect(inquire()).rejects.toMatchObject({ code: 'consent_revoked' });
  });
});

describe('a person who finds an item wrong', () => {
  const scene = () => ({ federation, page, url });
  let given: Awaited<ReturnType<typeof disputeItem>>;

  test('disputes it from the link of a report, and its bureau marks it within a minute', async () => {
    await publishIslands(federation, () => undefined);
    given = await disputeItem(scene());
    expect(given.item.marks).toBeUndefined();
  });

  test('the next lender reads the mark; corrected, the person and who had it are told', async () => {
    await expect(correctItem(scene(), given)).resolves.toBeUndefined();
  });

  test('reads what a lender decided on its report, and may dispute from there', async () => {
    await expect(readDecision(scene(), given)).resolves.toBeUndefined();
  });
});

describe('a person’s own report', () => {
  ownReportTests(() => ({ broken, browser, federation, stranger: page, url }));
});

describe('somebody who acts for another', () => {
  actingTests(() => ({ browser, federation, page, url }));
});

describe('a person whose data a lender wants to provide', () => {
  providingTests(() => ({ federation, page, url }));
});

describe('a person who wants to be erased', () => {
  erasureTests(() => ({ broken, browser, url }));
});

describe('every page', () => {
  test.each(places)(
    '%s: WCAG 2.2 AA, 360 pixels wide, in both languages and colour schemes',
    async (place) => {
      await page.goto(`${url}${place}`);
      for (const [language, title] of [
        ['zh-CN', '我的信用信息'],
        ['en', 'My credit information'],
      ] as const) {
        await page.locator('header select').selectOption(language);
        await page.getByRole('heading', { name: title }).waitFor();
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
          const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
          expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
        }
      }
    },
  );

  test('is reached and left with the keyboard alone', async () => {
    await page.goto(`${url}/`);
    await page.getByRole('navigation').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('#content');
    for (let n = 0; n < 4; n += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('/history');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/history`);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-current")')).toBe('page');
  });

  test('asks nobody but the consumer service, and breaks none of its own rules', async () => {
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    for (const place of places) {
      await page.goto(`${url}${place}`);
      await page.getByRole('navigation').waitFor();
    }
    expect([...hosts]).toEqual([url]);
    expect(broken).toEqual([]);
  });

  test('S76 answers with a strict policy, and what is personal is not kept', async () => {
    const document = await fetch(`${url}/history`);
    const policy = document.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    const personal = await page.request.get(`${url}/v1/accesses`);
    expect(personal.headers()['cache-control']).toBe('no-store');
  });

  test('loads at most 220 kB of compressed scripts; what checks proofs comes when it is wanted', async () => {
    const sizes = new Map<string, number>();
    page.on('response', (response) => {
      const name = new URL(response.url()).pathname;
      const file = join(dist, name);
      if (name.endsWith('.js')) sizes.set(name, gzipSync(readFileSync(file)).length);
    });
    await page.goto(`${url}/history`);
    await page.getByRole('navigation').waitFor();
    const first = [...sizes.values()].reduce((sum, each) => sum + each, 0);
    expect(sizes.size).toBeGreaterThan(0);
    expect(first).toBeLessThanOrEqual(220_000);
    expect(readdirSync(join(dist, 'assets')).filter((name) => name.endsWith('.js')).length).toBeGreaterThan(
      1,
    );
  });
});

test('whoever signs out is a stranger again', async () => {
  await page.goto(`${url}/`);
  await page.getByRole('button', { name: /退出|Sign out/u }).click();
  await page.getByRole('button', { name: /登录|Sign in/u }).waitFor();
  expect((await page.request.get(`${url}/v1/accesses`)).status()).toBe(401);
});
