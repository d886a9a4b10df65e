import AxeBuilder from '@axe-core/playwright';
import { type Digest, ledgerTrust, type Report, verifyBundle } from '@causeway/protocol';
import { witnessedAt } from '@causeway/protocol/passkey-proof';
import type { Federation } from '@causeway/sandbox/federation';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Browser, BrowserContext, CDPSession, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addAuthenticator } from './authenticator.ts';
import { asked, lender } from './asked.ts';
import { startBrowser } from './browser.ts';
import { personsStory } from './story.ts';

/** The proof of a line comes with the next checkpoint, and the witnesses a moment later. */
const patient = { timeout: 20_000, interval: 250 };
let federation: Federation;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let url: string;

beforeAll(async () => {
  federation = await startTestFederation({});
  url = federation.url('consumer');
  browser = await startBrowser();
  context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'zh-CN' });
  page = await context.newPage();
});
afterAll(async () => {
  await browser?.close();
  await stopTestFederation(federation);
});

/** What of this page not everybody can use (WCAG 2.2 AA). */
async function unfit(): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html}`));
}

/** The bureaus that have not answered. */
const untold = ({ manifest }: Report): string[] =>
  manifest.flatMap(({ bureau, outcome }) =>
    ['answered', 'empty', 'not_found'].includes(outcome) ? [] : [`${bureau} ${outcome}`],
  );

describe('a person with a passkey', () => {
  let lastly: Awaited<ReturnType<typeof asked>>;

  let protocol: CDPSession;
  let phone: string;

  /** Only one of two is at hand: the other one waits for a touch that does not come. */
  const putAway = async (authenticatorId: string, enabled = false): Promise<void> =>
    void (await protocol.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }));

  test('adds it with a new sign-in, and sees it in force', async () => {
    await page.goto(`${url}/settings`);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/settings`);
    protocol = await context.newCDPSession(page);
    await protocol.send('WebAuthn.enable');
    phone = await addAuthenticator(protocol, 'internal');
    await page.reload();
    await page.getByText('您还没有通行密钥').waitFor();
    await page.getByRole('button', { name: '添加通行密钥' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/settings`);
    await page.getByText('使用中', { exact: true }).waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
  });

  test('has it from witnesses when that was: a second one would wait by their time', async () => {
    const listed = await page.request.get(`${url}/v1/passkeys`);
    const { items } = (await listed.json()) as { items: { enrolment: Digest; enrolled_at: string }[] };
    const [{ enrolled_at: at, enrolment } = { enrolled_at: '', enrolment: 'sha-256:' as Digest }] = items;
    const trust = ledgerTrust(await federation.lender(lender).directory.view(), 'consumer');
    const seen = await vi.waitFor(async () => {
      const answer = await fetch(`${url}/ledger/proof/${encodeURIComponent(enrolment)}/first`);
      const time = witnessedAt(await answer.text(), enrolment, trust);
      if (time === undefined) throw new Error('not yet');
      return time;
    }, patient);
    expect(Math.abs(seen - Date.parse(at) / 1000)).toBeLessThan(60);
  });

  test('S42 what somebody changed of its signature on the way approves nothing', async () => {
    lastly = await asked(federation);
    const forge = async (route: Route): Promise<void> => {
      const sent = route.request().postDataJSON() as { assertion: { signature: string } };
      const { signature } = sent.assertion;
      const forged = `${signature.slice(0, -8)}${signature.at(-8) === 'A' ? 'B' : 'A'}${signature.slice(-7)}`;
      await route.continue({ postData: { ...sent, assertion: { ...sent.assertion, signature: forged } } });
    };
    await page.route('**/approval', forge);
    await page.goto(`${url}/permissions`);
    await page.getByText('您的通行密钥将签署这份文本').waitFor();
    expect(await unfit()).toEqual([]);
    await page.getByRole('button', { name: '同意', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await page.unroute('**/approval');
    await expect(lastly.inquire()).rejects.toThrow('nobody has agreed');
  });

  test('approves with one tap; every bureau verifies it itself, and the evidence shows it', async () => {
    await page.reload();
    await page.getByText('您的通行密钥将签署这份文本').waitFor();
    await page.getByRole('button', { name: '同意', exact: true }).click();
    await page.getByText('没有机构向您提出请求。').waitFor();
    expect(page.url()).toBe(`${url}/permissions`);
    await page.getByText('由您的通行密钥签署').waitFor();
    const { id, report } = await lastly.inquire();
    expect(untold(report.claims)).toEqual([]);
    const bundle: unknown = JSON.parse(await lastly.evidence(id));
    const { checks, verdict } = verifyBundle(bundle, { anchor: federation.card.anchor });
    expect(verdict).toBe('verified');
    expect(checks.find(({ name }) => name === 'passkey')).toMatchObject({ ok: true });
  });

  test('has the present one sign for another, which counts at once, and every bureau takes it', async () => {
    await putAway(phone);
    const key = await addAuthenticator(protocol, 'usb');
    await page.goto(`${url}/settings`);
    await page.getByRole('button', { name: '添加通行密钥' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/settings`);
    await page.getByText('等待生效', { exact: true }).waitFor();
    expect(await unfit()).toEqual([]);
    await putAway(key);
    await putAway(phone, true);
    await page.getByRole('button', { name: '用现有通行密钥确认' }).click();
    await page.getByText('已更换', { exact: true }).waitFor();
    await putAway(key, true);
    await putAway(phone);
    const { inquire } = await asked(federation);
    await page.goto(`${url}/permissions`);
    await page.getByText('您的通行密钥将签署这份文本').waitFor();
    await page.getByRole('button', { name: '同意', exact: true }).click();
    await page.getByText('没有机构向您提出请求。').waitFor();
    expect(untold((await inquire()).report.claims)).toEqual([]);
    // What the first one signed still stands.
    expect(untold((await lastly.inquire()).report.claims)).toEqual([]);
  });

  test('removes it with a new sign-in, and signs in for approvals again', async () => {
    await page.goto(`${url}/settings`);
    await page.getByRole('button', { name: '移除' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/settings`);
    await page.getByText('已移除', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: '移除' }).count()).toBe(0);
  });
});

describe('the whole way of a person at a phone', () => {
  beforeAll(async () => await publishIslands(federation, () => undefined));

  describe.each([
    { language: 'zh-CN', person: 'zhou-late', reportedBy: 1 },
    { language: 'en', person: 'wu-conflict', reportedBy: 2 },
  ] as const)('in $language', (teller) => {
    personsStory(() => ({ federation, browser, url }), teller);
  });
});
