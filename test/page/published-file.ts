import { readFileSync } from 'node:fs';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Where the bureau's publishers work. */
export interface PublishingScene {
  readonly page: Page;
  readonly url: string;
  readonly signInAs: (id: string, place?: string) => Promise<void>;
  readonly expectAccessible: () => Promise<void>;
}

const lina = sandboxSubject('li-na').identifier.value;
const wang = sandboxSubject('wang-thin').identifier.value;
const csv = [
  'id,no,sex,name',
  `${lina},11,F,李娜`,
  `${wang},12,X,王淡`,
  `${wang.slice(0, -1)}?,13,M,王淡`,
  '',
].join('\n');

/** Chooses a file with two bad rows, and reads what publishing it would come to. */
export async function checkFile({ page, url, signInAs, expectAccessible }: PublishingScene): Promise<void> {
  await signInAs('central.publisher', 'batches');
  await page.waitForURL(`${url}/console/batches`);
  const chosen = page.waitForEvent('filechooser');
  await page.getByLabel('待报送文件').click();
  await (await chosen).setFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await page.getByRole('button', { name: '校验文件' }).click();
  const checked = page.getByRole('region', { name: '报送该文件的预计结果' });
  await checked.waitFor();
  expect(await checked.locator('.funnel dd').allTextContents()).toEqual(['3', '1', '0', '2']);
  await checked.getByText('前 3 行（已脱敏）').click();
  const shown = await checked.innerText();
  for (const secret of [lina, wang, '李娜', '王淡']) expect(shown).not.toContain(secret);
  expect(shown).toContain('被规则 code 拒收：该列的代码未在映射中列出。');
  await page.getByText('尚未存入任何内容。').waitFor();
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: '保存 2 条拒收行及其原文' }).click();
  const [first] = readFileSync(await (await saved).path(), 'utf8').split('\n');
  expect(JSON.parse(first ?? '')).toMatchObject({
    ...{ line: 3, rule: 'code', column: 'sex', pointer: '/records/0/fields/sex' },
    original: `${wang},12,X,王淡`,
  });
  await expectAccessible();
}

const posts = (page: Page) => (url: URL) =>
  url.origin === new URL(page.url()).origin && url.pathname === '/v1/console/batches' && url.search !== '';

/** The line breaks before all of the file has come: the page says so, and nothing is there. */
export async function breakOff({ page, expectAccessible }: PublishingScene): Promise<void> {
  await page.route(posts(page), async (route) => await route.abort('connectionreset'));
  await page.getByRole('button', { name: '报送：将收录 1 行' }).click();
  await page.getByText(/^连接中断。请重试/u).waitFor();
  expect(await page.getByText('尚未存入任何内容。').count()).toBe(0);
  expect(await page.getByRole('region', { name: '报送结果' }).count()).toBe(0);
  await page.unrouteAll();
  await expectAccessible();
}

/** The line breaks when all of a file has come: the page finds its batch, and sends nothing again. */
export async function breakOffLate(scene: PublishingScene, publish: PublishBeside): Promise<void> {
  const { page, url, signInAs } = scene;
  const [, first] = csv.split('\n');
  const file = Buffer.from(`id,no,sex,name\n${first ?? ''}\n`.replace(',11,', ',21,'));
  await signInAs('central.publisher', 'batches');
  await page.waitForURL(`${url}/console/batches`);
  const chosen = page.waitForEvent('filechooser');
  await page.getByLabel('待报送文件').click();
  await (await chosen).setFiles({ name: 'late.csv', mimeType: 'text/csv', buffer: file });
  await page.getByRole('button', { name: '校验文件' }).click();
  let sent = 0;
  await page.route(posts(page), async (route) => {
    sent += 1;
    await publish(file);
    await route.abort('connectionreset');
  });
  await page.getByRole('button', { name: '报送：将收录 1 行' }).click();
  await page.getByText('已报送：收录 1 行，拒收 0 行。').waitFor();
  await page.unrouteAll();
  expect(sent).toBe(1);
  expect(await page.getByRole('alert').count()).toBe(0);
}

/** Publishes the same file past the page: what a bureau does with a file that has come whole. */
export type PublishBeside = (file: Uint8Array) => Promise<unknown>;

/** Publishes it, corrects the two rows, one of them wrongly at first, and sends them again. */
export async function publishAndMend({ page, expectAccessible }: PublishingScene): Promise<void> {
  await page.getByRole('button', { name: '报送：将收录 1 行' }).click();
  await page.getByText('已报送：收录 1 行，拒收 2 行。').waitFor();
  await page.getByRole('button', { name: '更正 2 条拒收行' }).click();
  const form = page.getByRole('form', { name: '更正拒收行' });
  const line = (n: number) => form.getByRole('group', { name: `第 ${n} 行` });
  await line(3).getByLabel('sex').fill('M');
  await form.getByRole('button', { name: '重新报送 2 行' }).click();
  await page.getByText('仍有 1 行有误；未报送任何内容。').waitFor();
  await expectAccessible();
  await line(4).getByLabel('id').fill(wang);
  await form.getByRole('button', { name: '重新报送 2 行' }).click();
  const taken = page.getByRole('status').filter({ hasText: '已收录 2 条更正行。' });
  await taken.getByRole('link', { name: '打开批次' }).click();
  await page.getByText('本批次更正以下批次的拒收行').waitFor();
}

/** Who brought the file may not sign it off; a colleague types their name, and prints one sheet. */
export async function signOffBatch(scene: PublishingScene): Promise<void> {
  const { page, signInAs, expectAccessible } = scene;
  await page.getByText('该文件由您报送，须由他人签发。').waitFor();
  expect(await page.getByLabel(/请键入您的姓名/u).count()).toBe(0);
  const place = new URL(page.url()).pathname + new URL(page.url()).search;
  await signInAs('central.second_publisher');
  await page.getByRole('navigation').waitFor();
  await page.goto(new URL(place, page.url()).href);
  await page.getByLabel(/请键入您的姓名/u).fill('陈报');
  await page.getByRole('button', { name: '签发' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel(/请键入您的姓名/u).fill('吴签');
  await page.keyboard.press('Enter');
  await page.getByText(/由 吴签（staff:central.second_publisher）签发/u).waitFor();
  await expectAccessible();
  const sheets = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/gu);
  expect(sheets).toHaveLength(1);
}
