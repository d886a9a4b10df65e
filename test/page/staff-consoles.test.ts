import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import type { Federation } from '@causeway/sandbox/federation';
import { listedStaff } from '@causeway/sandbox/people/staff';
import { enact } from '@causeway/sandbox/officer-acts';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { STORY_BUREAUS, issuerAt } from '@causeway/sandbox/plan';
import { agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from './browser.ts';

const lina = sandboxSubject('li-na');
let federation: Federation;
let browser: Browser;
let page: Page;
let inquiry: string;
/** What went wrong in the pages themselves. */
const broken: string[] = [];

beforeAll(async () => {
  federation = await startTestFederation({ bureaus: STORY_BUREAUS.slice(0, 1) });
  browser = await startBrowser();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
  page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.on('pageerror', ({ message }) => broken.push(message));
  page.on('console', (line) => {
    if (line.text().includes('Content Security Policy')) broken.push(line.text());
  });
  const lender = federation.lender('abc-bank');
  const terms = usualTerms(['central'], 1);
  ({ id: inquiry } = await inquireUnder(lender, await agree(federation, lender, lina, terms), terms));
});
afterAll(async () => {
  await browser?.close();
  await stopTestFederation(federation);
});

const at = (service: 'authority' | 'broker', place = ''): string =>
  `${federation.url(service)}/console/${place}`;

/** Signs in at the provider's form as one of the staff. */
async function signInAs(service: 'authority' | 'broker', id: string, place = ''): Promise<void> {
  await page.context().clearCookies();
  await page.goto(at(service, place));
  await page
    .locator('main')
    .getByRole('button', { name: /登录|Sign in/u })
    .click();
  await page.getByRole('button', { name: id }).click();
}

/** WCAG 2.2 AA, 360 pixels wide, in both languages, each in a colour scheme, where the page stands. */
async function expectAccessible(titles: { readonly en: string; readonly zh: string }): Promise<void> {
  for (const [language, title, colorScheme] of [
    ['en', titles.en, 'dark'],
    ['zh-CN', titles.zh, 'light'],
  ] as const) {
    await page.locator('header select').selectOption(language);
    await page.getByRole('heading', { name: title }).waitFor();
    await page.emulateMedia({ colorScheme });
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  }
}

const supervision = { en: 'Supervision console', zh: '监管控制台' };
const workbench = { en: 'Inquiry workbench', zh: '查询工作台' };

describe('a supervisor at a phone', () => {
  test('S1 sees nothing before they have signed in', async () => {
    await page.goto(at('authority', 'members'));
    await page.locator('main').getByRole('button', { name: '登录' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await expectAccessible(supervision);
  });

  test('S97 without a second factor is told so, and sees nothing', async () => {
    await signInAs('authority', 'authority.one_factor');
    await page.getByRole('heading', { name: '需要第二种验证方式' }).waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
    await page.getByRole('link').click();
    await page.locator('main').getByRole('button', { name: '登录' }).waitFor();
  });

  test('sees alarms and ledgers, and that nothing is done here', async () => {
    await signInAs('authority', 'authority.supervisor');
    await page.getByText('没有未关闭的告警').waitFor();
    await page.getByText('本页只供查看，不能办理').waitFor();
    await page.getByRole('region', { name: '账本' }).getByText('central').waitFor();
    expect(await page.locator('main').getByRole('button').count()).toBe(0);
    expect(await page.evaluate('document.cookie')).toBe('');
    await expectAccessible(supervision);
  });

  test('sees members, with who may do what, and nobody’s name', async () => {
    await page.getByRole('link', { name: '成员机构' }).click();
    await page.getByRole('cell', { name: '安邦诚商业银行' }).waitFor();
    await page.getByRole('cell', { name: 'inquiry_clerk, auditor' }).first().waitFor();
    expect(await page.locator('main').innerText()).not.toContain('郑督');
    await expectAccessible(supervision);
  });

  test('reaches every place by the keyboard alone, and leaves; who audits sees who looked', async () => {
    await page.keyboard.press('Tab');
    await page.goto(at('authority'));
    await page.getByRole('navigation').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('#content');
    for (let n = 0; n < 4; n += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('/console/members');
    await page.keyboard.press('Enter');
    await page.waitForURL(at('authority', 'members'));
    await page.getByRole('button', { name: '退出' }).click();
    await page.locator('main').getByRole('button', { name: '登录' }).waitFor();
    await signInAs('authority', 'authority.auditor', 'reads');
    await page.getByText('members.read').first().waitFor();
    await expectAccessible(supervision);
  });
});

describe('a lender’s clerk at a phone', () => {
  test('chooses the institution, and sees its inquiry of today, and nothing of whom', async () => {
    await page.context().clearCookies();
    await page.goto(at('broker'));
    await page.getByLabel('机构', { exact: true }).selectOption('abc-bank');
    await expectAccessible(workbench);
    await signInAs('broker', 'abc-bank.clerk');
    await page.getByRole('cell', { name: inquiry }).waitFor();
    const shown = await page.locator('main').innerText();
    expect(shown).toContain('报告在贵机构自己的系统中');
    expect(shown).not.toMatch(/s1\.1\.|李娜/u);
    await expectAccessible(workbench);
  });

  test('finds it by its number; another’s looks as none', async () => {
    await page.getByRole('link', { name: '检索查询' }).click();
    await page.getByLabel('查询编号').fill(inquiry);
    await page.keyboard.press('Enter');
    await page.getByText('已有报告').waitFor();
    await expectAccessible(workbench);
    await page.getByLabel('查询编号').fill(inquiry.replace(/.$/u, (last) => (last === '0' ? '1' : '0')));
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').innerText()).toBe('贵机构没有此查询。');
    await page.getByRole('link', { name: '本周错误' }).click();
    await page.getByText('没有错误。').first().waitFor();
    await expectAccessible(workbench);
  });

  test('S31 is out as soon as two officers have taken the role from the entry', async () => {
    const abc = { id: 'abc-bank', role: 'lender' } as const;
    const listed = listedStaff(abc, issuerAt(federation.ports));
    if (listed === undefined) throw new RangeError('the sandbox lists staff of lenders');
    await enact(federation.url('authority'), federation.ceremony, {
      ...{ act: 'set_staff', member: abc.id },
      staff: { ...listed, roles: ['auditor'] },
    });
    expect((await page.request.get(`${federation.url('broker')}/v1/console/self`)).status()).toBe(403);
    expect(broken).toEqual([]);
  });
});

test.each(['authority', 'broker'])(
  'the pages of the %s are at most 220 kB of compressed scripts',
  (service) => {
    const assets = join(import.meta.dirname, '../../services', service, 'web/dist/assets');
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    const sizes = scripts.map((name) => gzipSync(readFileSync(join(assets, name))).length);
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(220_000);
  },
);
