import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { correctAtConsole } from './dispute-desk.ts';

const lina = sandboxSubject('li-na');
const patient = { timeout: 20_000, interval: 250 };

/** Where Li Na disputes an item of one bureau: what she, the bureau and the lender each see of it. */
export interface Scene {
  readonly federation: Federation;
  readonly page: Page;
  readonly url: string;
}

type Given = Awaited<ReturnType<typeof reported>>;

/** What a lender is given now, and central's item in it. */
export async function reported({ federation }: Scene) {
  const client = federation.lender('abc-bank');
  const terms = usualTerms(federation.card.bureaus, 9);
  const agreed = await agree(federation, client, lina, terms);
  const { digest, disclosures, report } = await inquireUnder(client, agreed, terms);
  const [item] = disclosures.find(({ claims }) => claims.iss === 'central')?.claims.records ?? [];
  if (item === undefined) throw new Error('central has nothing');
  return { agreed, item, inquiry: digest, report: report.digest };
}

/** She follows the link of a report, answers question after question, sends, and sees the item marked. */
export async function disputeItem(scene: Scene): Promise<Given> {
  const { federation, page, url } = scene;
  const given = await reported(scene);
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
  const open = await federation.disputeDesk('central').list();
  expect(open).toMatchObject([{ record: item.record_id, state: 'marked', reason: 'already_paid' }]);
  return given;
}

/** The bureau finds that she is right; she reads it, and who was given the item has its correction. */
export async function correctItem(scene: Scene, given: Given): Promise<void> {
  const { federation, page } = scene;
  const desk = federation.disputeDesk('central');
  const id = (await desk.list())[0]?.id ?? '';
  const { item, inquiry } = await reported(scene);
  expect(item).toMatchObject({ display_state: 'marked', marks: [{ kind: 'dispute_mark' }] });
  await correctAtConsole(page, federation.url('central'));
  await page.getByText('异议成立：该条信息已更正。').waitFor(patient);
  await page.getByText('办理过程').click();
  await page.getByText('征信机构的答复：信息提供者已确认您的还款').waitFor();
  const told = async (lender: string) =>
    (await federation.lender(lender).corrections()).map(({ claims }) => claims.inquiry).toSorted();
  const both = [given.inquiry, inquiry].toSorted();
  await vi.waitFor(async () => expect(await told('abc-bank')).toEqual(both), patient);
  expect(await told('evergreen')).toEqual([]);
  await vi.waitFor(async () => expect((await desk.show(id)).state).toBe('closed'), patient);
  const { item: corrected } = await reported(scene);
  expect(corrected).toMatchObject({ balance: '0', version: 2 });
  expect(corrected.marks).toBeUndefined();
}

/** The lender tells what it decided on the report; she reads it, with the way to dispute. */
export async function readDecision({ federation, page }: Scene, given: Given): Promise<void> {
  const { agreed, inquiry, report } = given;
  const decided = { subject_ref: agreed.subjectRef, inquiry, report, decision: 'declined' } as const;
  await federation.lender('abc-bank').reportDecision({ ...decided, factors: ['overdue_now'] });
  await page.reload();
  await page.getByText('拒绝了您的申请').waitFor();
  const links = page.getByRole('article').getByRole('link', { name: '提出异议' });
  expect(await links.getAttribute('href')).toContain(encodeURIComponent(report));
}
