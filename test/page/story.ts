import AxeBuilder from '@axe-core/playwright';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { en, type Messages } from '../../services/consumer/web/src/messages/en.ts';
import { zh } from '../../services/consumer/web/src/messages/zh.ts';
import { asked } from './asked.ts';
import { addAuthenticator } from './authenticator.ts';

interface World {
  readonly federation: Federation;
  readonly browser: Browser;
  readonly url: string;
}

interface Teller {
  readonly language: 'zh-CN' | 'en';
  /** Whose story it is: known to a bureau, and nobody who has a passkey yet. */
  readonly person: string;
  /** Bureaus that have reported their first account. */
  readonly reportedBy: number;
}

/** The proof of a line comes with the next checkpoint, and the witnesses a moment later. */
const patient = { timeout: 30_000, interval: 250 };
/** The bureau's state in the record of disputes, in whose words it comes. */
const isMarked = { 'zh-CN': '该条信息已在每份报告中标注异议', en: 'marked as disputed in every report' };
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * A person's whole way through the portal at a phone, in one language: the words on the pages are looked up
 * by their keys, so that both languages tell the same story. Part of the tests of a file with a federation.
 */
export function personsStory(world: () => World, { language, person, reportedBy }: Teller): void {
  const { name } = sandboxSubject(person);
  const words = language === 'en' ? en : zh;
  let page: Page;
  let inquire: Awaited<ReturnType<typeof asked>>['inquire'];

  beforeAll(async () => {
    const viewport = { width: 360, height: 740 };
    const phone = await world().browser.newContext({ viewport, locale: language });
    page = await phone.newPage();
    const protocol = await phone.newCDPSession(page);
    await protocol.send('WebAuthn.enable');
    await addAuthenticator(protocol, 'internal');
  });
  afterAll(async () => await page.context().close());

  const open = async (path: string): Promise<void> => void (await page.goto(`${world().url}${path}`));
  const button = (key: keyof Messages): Locator =>
    page.getByRole('button', { name: said(words[key], 'whole') });
  const press = async (key: keyof Messages): Promise<void> => await button(key).click();
  const reads = async (key: keyof Messages): Promise<void> =>
    await page.getByText(said(words[key])).first().waitFor(patient);
  /** The identity provider's page has no language of ours: who it is says their name. */
  const signIn = async (): Promise<void> => await page.getByRole('button', { name }).click();

  /** What of the page as it is now not everybody can use, and how much wider it is than the phone. */
  const unfit = async (): Promise<string[]> => {
    const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth')) - 360;
    const wider = wide > 0 ? [`${wide} px too wide`] : [];
    return [...wider, ...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id} ${html}`))];
  };

  test('signs in and adds a passkey', async () => {
    await open('/settings');
    await press('signIn');
    await signIn();
    await press('passkeyAdd');
    await signIn();
    await reads('passkey_in_force');
    expect(await unfit()).toEqual([]);
  });

  test('approves what a lender asks for with one tap', async () => {
    ({ inquire } = await asked(world().federation, { language, person }));
    await open('/permissions');
    await reads('passkeyApproveHint');
    expect(await unfit()).toEqual([]);
    await press('approve');
    await reads('noRequests');
    await reads('passkeySigned');
    expect(await unfit()).toEqual([]);
  });

  test('watches the look arrive, and has this browser prove it', async () => {
    await open('/history');
    await reads('nobodyLooked');
    const { report } = await inquire();
    await reads('lineGranted');
    await vi.waitFor(async () => {
      await press('check');
      await page.getByText(said(words.lineProven, 'whole')).waitFor({ timeout: 2000 });
    }, patient);
    await reads('checkHolds');
    expect(await unfit()).toEqual([]);
    expect(report.claims.manifest.length).toBe(world().federation.card.bureaus.length);
  });

  test('freezes everything: the next look is refused, and the history says why', async () => {
    await open('/freeze');
    await press('freezeNow');
    await reads('freezeOn');
    await reads('confirmed');
    await expect(inquire()).rejects.toMatchObject({ code: 'subject_frozen' });
    expect(await unfit()).toEqual([]);
    await open('/history');
    await reads('lineRefused');
    await page.getByText(said(words.lineWhy)).first().click();
    await reads('reason_subject_frozen');
    expect(await unfit()).toEqual([]);
  });

  test('disputes a row of their own report, and every bureau of it marks it', async () => {
    await open('/report');
    await press('reportAsk');
    await page.getByRole('heading', { name: said(words.reportTitle) }).waitFor(patient);
    expect(await unfit()).toEqual([]);
    const account = page.getByRole('article', { name: said(words.reportAccount) }).first();
    await account.getByRole('link', { name: said(words.reportWrongAt) }).click();
    for (const question of reportedBy === 1 ? [] : (['disputeWhere'] as const)) {
      await reads(question);
      expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(reportedBy);
      expect(await unfit()).toEqual([]);
      await press('disputeNext');
    }
    await page.getByLabel(said(words.disputeReason_already_paid, 'whole')).check();
    await press('disputeNext');
    await page.getByRole('textbox').fill('2026-03: 12,000.00');
    await press('disputeNext');
    await reads('disputeCheck');
    expect(await unfit()).toEqual([]);
    await press('disputeSend');
    const marked = page.getByText(isMarked[language]);
    await expect.poll(() => marked.count(), { timeout: 60_000 }).toBe(reportedBy);
    expect(await unfit()).toEqual([]);
  });

  test('withdraws what they had allowed, and nobody reads under it again', async () => {
    await open('/permissions');
    await press('revoke');
    await press('confirmRevoke');
    await page.getByText(said(words.state_revoked, 'whole')).waitFor(patient);
    expect(await unfit()).toEqual([]);
    await expect(inquire()).rejects.toMatchObject({ code: 'consent_revoked' });
  });
}

/** What a message looks like with whatever is filled in. */
function said(message: string, how: 'whole' | 'part' = 'part'): RegExp {
  const parts = message.split(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/u);
  const text = parts.map((part) => part.replaceAll(/[$()*+.?[\\\]^|]/gu, String.raw`\$&`)).join('.+');
  return new RegExp(how === 'whole' ? `^${text}$` : text, 'u');
}
