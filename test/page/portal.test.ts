import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import { type Report, verifyBundle } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Browser, BrowserContext, CDPSession, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startBrowser } from './browser.ts';

const lender = 'abc-bank';
const lina = sandboxSubject('li-na');
const dist = join(import.meta.dirname, '../../services/consumer/web/dist');
/** The proof of a line comes with the next checkpoint, and the witnesses a moment later. */
const patient = { timeout: 20_000, interval: 250 };
const places = [
  ...['/', '/history', '/permissions', '/freeze', '/disputes', '/disputes/new?bureau=central&record=x'],
  '/settings',
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

/** A lender asks for Li Na's consent; what it can do with it afterwards. */
async function asked() {
  const client = federation.lender(lender);
  const terms = usualTerms(federation.card.bureaus, 5);
  const [subjectRef = ''] = await client.subjectRefs([lina.identifier]);
  const question = await client.requestConsent({
    ...{ subjectRef, purposes: [terms.purpose], categories: terms.categories, bureaus: terms.bureaus },
    ...{ validDays: 30, fetch: 'periodic', maxUses: 5, recipientRetention: 'P1Y', language: 'zh-CN' },
  });
  const inquire = async () => {
    const { consent } = await client.consent(question);
    if (consent === undefined) throw new Error('nobody has agreed');
    return await client.inquire({
      ...{
        subjectRef,
        consent: consent.digest,
        purpose: terms.purpose,
        categories: terms.categories,
        operator: 'op-1',
      },
    });
  };
  const evidence = async (id: string) => await client.evidence(id);
  return { inquire, evidence };
}

/** The bureaus that have not answered. */
const untold = ({ manifest }: Report): string[] =>
  manifest.flatMap(({ bureau, outcome }) =>
    ['answered', 'empty', 'not_found'].includes(outcome) ? [] : [`${bureau} ${outcome}`],
  );

/** An authenticator in this browser, which says yes whenever it is asked. */
async function addAuthenticator(protocol: CDPSession, transport: 'internal' | 'usb'): Promise<string> {
  const { authenticatorId } = await protocol.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport, hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  return authenticatorId;
}

describe('a person at a phone', () => {
  let inquire: () => Promise<unknown>;

  test('sees nothing of anybody before they have signed in', async () => {
    for (const place of places) {
      await page.goto(`${url}${place}`);
      await page.getByRole('button', { name: '登录' }).waitFor();
      expect(await page.getByRole('navigation').count()).toBe(0);
    }
  });

  test('signs in, and comes back to where they were', async () => {
    await page.goto(`${url}/freeze`);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/freeze`);
    await page.getByRole('heading', { name: '冻结全部查询' }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('reads what a lender asks for and approves it by signing in once more', async () => {
    ({ inquire } = await asked());
    await page.goto(`${url}/permissions`);
    await page.getByText('信用信息查询授权书').waitFor();
    await page.getByRole('button', { name: '同意', exact: true }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/permissions`);
    await page.getByText('有效', { exact: true }).waitFor();
    await page.getByText('没有机构向您提出请求。').waitFor();
    expect(await page.getByText('已使用 0 次，共 5 次').count()).toBe(1);
  });

  test('watches the look arrive, in plain words and with its proof', async () => {
    await page.goto(`${url}/history`);
    await page.getByText('还没有人在这里查询过您的信用信息。').waitFor();
    await inquire();
    await page.getByText('获准查询了您的信用信息').waitFor();
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

  test('freezes everything; the next attempt is refused and says why', async () => {
    await page.goto(`${url}/freeze`);
    await page.getByRole('button', { name: '立即冻结' }).click();
    await page.getByText('起已冻结：任何机构都不能查询。').waitFor();
    await expect(inquire()).rejects.toMatchObject({ code: 'subject_frozen' });
    await page.goto(`${url}/history`);
    await page.getByText('未获得任何内容').waitFor();
    await page.getByText('为什么会有这条记录？').first().click();
    await page.getByText('您的信息已冻结').waitFor();
  });

  test('lifts the freeze with a new sign-in, and withdraws the consent in as few steps', async () => {
    await page.goto(`${url}/freeze`);
    await page.getByRole('button', { name: '解除冻结' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/freeze`);
    await page.getByText('未冻结：您授权的机构可以查询。').waitFor();
    await page.goto(`${url}/permissions`);
    await page.getByRole('button', { name: '撤回' }).click();
    await page.getByRole('button', { name: '确认撤回' }).click();
    await page.getByText('已撤回', { exact: true }).waitFor();
    await expect(inquire()).rejects.toMatchObject({ code: 'consent_revoked' });
  });
});

describe('a person who finds an item wrong', () => {
  const client = () => federation.lender(lender);
  const terms = () => usualTerms(federation.card.bureaus, 9);
  const desk = () => federation.disputeDesk('central');
  /** The item of central in a lender's new report. */
  async function reported() {
    const agreed = await agree(federation, client(), lina, terms());
    const { digest, disclosures, report } = await inquireUnder(client(), agreed, terms());
    const [item] = disclosures.find(({ claims }) => claims.iss === 'central')?.claims.records ?? [];
    if (item === undefined) throw new Error('central has nothing');
    return { agreed, item, inquiry: digest, report: report.digest };
  }
  let given: Awaited<ReturnType<typeof reported>>;

  test('disputes it from the link of the report, and its bureau has marked it within a minute', async () => {
    await publishIslands(federation, () => undefined);
    given = await reported();
    const { item, report } = given;
    expect(item.display_state).toBeUndefined();
    const query = new URLSearchParams({ bureau: 'central', record: item.record_id, report });
    await page.goto(`${url}/disputes/new?${query.toString()}`);
    await page.getByLabel('我已还清').check();
    await page.getByRole('button', { name: '继续' }).click();
    await page.getByRole('textbox').fill('三月已经还清。');
    await page.getByRole('button', { name: '继续' }).click();
    await page.getByText('请核对后提交').waitFor();
    await page.getByRole('button', { name: '提交' }).click();
    await page.waitForURL(`${url}/disputes`);
    await page.getByText('该条信息已在每份报告中标注异议').waitFor({ timeout: 60_000 });
    expect(await page.getByText(/还剩 \d+ 天/u).count()).toBe(1);
    const [open] = await desk().list();
    expect(open).toMatchObject({ record: item.record_id, state: 'marked', reason: 'already_paid' });
  });

  test('the next lender reads the mark; corrected, the person and who had it are told', async () => {
    const [open] = await desk().list();
    const id = open?.id ?? '';
    const { item, inquiry } = await reported();
    expect(item).toMatchObject({ display_state: 'marked', marks: [{ kind: 'dispute_mark' }] });
    await desk().act(id, 'forwarding', { by: 'zhang' });
    await desk().act(id, 'answer', { by: 'zhang', text: 'ours was wrong' });
    await desk().act(id, 'correction', { by: 'zhang', set: { balance: '0' }, text: '经核查，已更正。' });
    await page.getByText('异议成立：该条信息已更正。').waitFor(patient);
    await page.getByText('办理过程').click();
    await page.getByText('征信机构的答复：经核查，已更正。').waitFor();
    await vi.waitFor(async () => {
      const inquiries = (await client().corrections()).map(({ claims }) => claims.inquiry);
      expect(inquiries.toSorted()).toEqual([given.inquiry, inquiry].toSorted());
    }, patient);
    expect(await federation.lender('evergreen').corrections()).toEqual([]);
    await vi.waitFor(async () => expect((await desk().show(id)).state).toBe('closed'), patient);
    const { item: corrected } = await reported();
    expect(corrected).toMatchObject({ balance: '0', version: 2 });
    expect(corrected.marks).toBeUndefined();
  });

  test('reads what a lender decided on its report, and may dispute from there', async () => {
    const { agreed, inquiry, report } = given;
    await client().reportDecision({
      ...{ subject_ref: agreed.subjectRef, inquiry, report, decision: 'declined' },
      factors: ['overdue_now'],
    });
    await page.reload();
    await page.getByText('拒绝了您的申请').waitFor();
    const links = page.getByRole('article').getByRole('link', { name: '提出异议' });
    expect(await links.getAttribute('href')).toContain(encodeURIComponent(report));
  });
});

describe('a person with a passkey', () => {
  let lastly: Awaited<ReturnType<typeof asked>>;

  let protocol: CDPSession;
  let phone: string;

  /** Only one of two is at hand: the other one waits for a touch that does not come. */
  const putAway = async (authenticatorId: string, enabled = false): Promise<void> =>
    void (await protocol.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }));

  test('adds it with a new sign-in, and sees it in force', async () => {
    protocol = await context.newCDPSession(page);
    await protocol.send('WebAuthn.enable');
    phone = await addAuthenticator(protocol, 'internal');
    await page.goto(`${url}/settings`);
    await page.getByText('您还没有通行密钥').waitFor();
    await page.getByRole('button', { name: '添加通行密钥' }).click();
    await page.getByRole('button', { name: '李娜' }).click();
    await page.waitForURL(`${url}/settings`);
    await page.getByText('使用中', { exact: true }).waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
  });

  test('S42 what somebody changed of its signature on the way approves nothing', async () => {
    lastly = await asked();
    const forge = async (route: Route): Promise<void> => {
      const sent = route.request().postDataJSON() as { assertion: { signature: string } };
      const { signature } = sent.assertion;
      const forged = `${signature.slice(0, -8)}${signature.at(-8) === 'A' ? 'B' : 'A'}${signature.slice(-7)}`;
      await route.continue({ postData: { ...sent, assertion: { ...sent.assertion, signature: forged } } });
    };
    await page.route('**/approval', forge);
    await page.goto(`${url}/permissions`);
    await page.getByText('您的通行密钥将签署这份文本').waitFor();
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
    await putAway(key);
    await putAway(phone, true);
    await page.getByRole('button', { name: '用现有通行密钥确认' }).click();
    await page.getByText('已更换', { exact: true }).waitFor();
    await putAway(key, true);
    await putAway(phone);
    const { inquire } = await asked();
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
