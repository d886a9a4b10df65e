import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { STORY_BUREAUS } from '@causeway/sandbox/plan';
import { agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser } from './browser.ts';
import { breakOff, breakOffLate, checkFile, publishAndMend, signOffBatch } from './published-file.ts';

const assets = join(import.meta.dirname, '../../services/bureau/web/dist/assets');
const lina = sandboxSubject('li-na');
const number = lina.identifier.value;
const mapping = {
  ...{ v: 1, name: 'people', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'profile',
      fields: {
        kind: { const: 'person' },
        source_record_id: { column: 'no', as: 'text' },
        sex: { column: 'sex', as: 'code', map: { F: 'female', M: 'male' } },
      },
    },
  ],
  as_of: { const: '2026-10-31' },
};
const csv = Buffer.from(`id,no,sex,name\n${number},1,F,李娜\n${number},2,X,李娜\n`);
let federation: Federation;
let browser: Browser;
let page: Page;
let url: string;
/** What went wrong in the page itself. */
const broken: string[] = [];

beforeAll(async () => {
  federation = await startTestFederation({ bureaus: STORY_BUREAUS.slice(0, 1) });
  url = federation.url('central');
  browser = await startBrowser();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
  page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.on('pageerror', ({ message }) => broken.push(message));
  page.on('console', (line) => {
    if (line.text().includes('Content Security Policy')) broken.push(line.text());
  });
  const publisher = federation.publisher('central');
  await publisher.file(await publisher.mapping(JSON.stringify(mapping)), 'text/csv', new Uint8Array(csv));
  const lender = federation.lender('abc-bank');
  const terms = usualTerms(['central'], 1);
  await inquireUnder(lender, await agree(federation, lender, lina, terms), terms);
});
afterAll(async () => {
  await browser?.close();
  await stopTestFederation(federation);
});

/** Signs in at the provider's form as one of the bureau's staff. */
async function signInAs(id: string, place = ''): Promise<void> {
  await page.context().clearCookies();
  await page.goto(`${url}/console/${place}`);
  await page
    .locator('main')
    .getByRole('button', { name: /登录|Sign in/u })
    .click();
  await page.getByRole('button', { name: id }).click();
}

const scene = () => ({ page, url, signInAs, expectAccessible });

/** WCAG 2.2 AA, 360 pixels wide, in both languages, each in a colour scheme, where the page stands. */
async function expectAccessible(): Promise<void> {
  for (const [language, title, colorScheme] of [
    ['en', 'Bureau console', 'dark'],
    ['zh-CN', '征信机构控制台', 'light'],
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

describe('somebody of the staff at a phone', () => {
  test('S1 sees nothing before they have signed in', async () => {
    await page.goto(`${url}/console/batches`);
    await page.locator('main').getByRole('button', { name: '登录' }).waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
    await expectAccessible();
  });

  test('without a role here is told so, and sees nothing', async () => {
    await signInAs('central.visitor');
    await page.getByRole('heading', { name: '您在本机构没有岗位角色' }).waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations).toEqual([]);
    await page.getByRole('link').click();
    await page.locator('main').getByRole('button', { name: '登录' }).waitFor();
  });

  test('who publishes sees the funnel, and saves what was rejected', async () => {
    await signInAs('central.publisher', 'batches');
    await page.waitForURL(`${url}/console/batches`);
    await page.getByText('people', { exact: true }).waitFor();
    expect(await page.locator('.funnel dd').allTextContents()).toEqual([
      `${csv.length} 字节`,
      '2',
      '1',
      '0',
      '1',
    ]);
    await page.getByRole('button', { name: '展开' }).click();
    await page.getByText('拒收该行').waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: '保存拒收行（CSV）' }).click();
    const file = readFileSync(await (await saved).path(), 'utf8');
    expect(file).toContain('3,sex,code,');
    expect(file).not.toContain(number);
    expect(await page.evaluate('document.cookie')).toBe('');
    await expectAccessible();
  });

  test('checks a file with two bad rows before it publishes', async () => {
    await expect(checkFile(scene())).resolves.toBeUndefined();
  });

  test('a line that breaks before all of it has come leaves nothing, and says what to do', async () => {
    await expect(breakOff(scene())).resolves.toBeUndefined();
  });

  test('corrects the two rows, which are a batch of their own', async () => {
    await expect(publishAndMend(scene())).resolves.toBeUndefined();
  });

  test('signs off what somebody else has brought, and nobody their own', async () => {
    await expect(signOffBatch(scene())).resolves.toBeUndefined();
    await signInAs('central.publisher', 'batches');
    await page.waitForURL(`${url}/console/batches`);
  });

  test('a line that breaks when all has come is no loss: the batch is found and sent once', async () => {
    const publisher = federation.publisher('central');
    const digest = await publisher.mapping(JSON.stringify(mapping));
    const beside = async (file: Uint8Array) => await publisher.file(digest, 'text/csv', new Uint8Array(file));
    await expect(breakOffLate(scene(), beside)).resolves.toBeUndefined();
  });

  test('previews a sample: no number and no name is shown', async () => {
    await page.getByRole('link', { name: '适配与密钥' }).click();
    const chosen = page.waitForEvent('filechooser');
    await page.getByLabel('样本文件，不超过 96 kB').click();
    await (await chosen).setFiles({ name: 'sample.csv', mimeType: 'text/csv', buffer: csv });
    await page.getByRole('button', { name: '预览' }).click();
    await page.getByText('第 2 行').waitFor();
    await page.getByText('被规则 code 拒收').waitFor();
    const shown = await page.locator('main').innerText();
    expect(shown).not.toContain(number);
    expect(shown).not.toContain('李娜');
    expect(await page.getByText('证书', { exact: true }).count()).toBe(0);
    await expectAccessible();
  });

  test('who audits sees who read, when keys end, and what colleagues opened', async () => {
    await signInAs('central.auditor', 'reads');
    await page.getByRole('cell', { name: '安邦诚商业银行' }).waitFor();
    await page.getByText('rejections.read').waitFor();
    await page.getByText('mapping.preview').waitFor();
    expect(await page.content()).not.toMatch(/s1\.1\./u);
    await expectAccessible();
    await page.getByRole('link', { name: '适配与密钥' }).click();
    await page
      .getByText(/剩余 \d+ 天/u)
      .first()
      .waitFor();
    await expectAccessible();
    for (const [place, heading] of [
      ['规则', '报送规则'],
      ['运行状况', '运行状况'],
    ] as const) {
      await page.getByRole('link', { name: place, exact: true }).click();
      await page.getByRole('heading', { name: heading }).waitFor();
      await expectAccessible();
    }
  });

  test('who handles disputes sees the inbox, and no batches', async () => {
    await signInAs('central.dispute_handler', 'disputes');
    await page.getByText('没有待处理的异议。').waitFor();
    expect(await page.getByRole('link', { name: '报送批次' }).count()).toBe(0);
    await expectAccessible();
    await signInAs('central.auditor');
    await page.getByRole('navigation').waitFor();
  });

  test('reaches every place with the keyboard alone; 220 kB of scripts are enough', async () => {
    await page.goto(`${url}/console/`);
    await page.getByRole('navigation').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('#content');
    for (let n = 0; n < 4; n += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe('/console/batches');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${url}/console/batches`);
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    const packed = scripts.map((name) => gzipSync(readFileSync(join(assets, name))).length);
    expect(packed.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(220_000);
    await page.getByRole('button', { name: '退出' }).click();
    await page.locator('main').getByRole('button', { name: '登录' }).waitFor();
    expect(broken).toEqual([]);
  });
});
