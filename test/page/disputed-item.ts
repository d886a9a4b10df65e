import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import type { Page } from 'playwright-core';
import { expect, vi } from 'vitest';

const lina = sandboxSubject('li-na');
const patient = { timeout: 20_000, interval: 250 };

/** What a lender was given, and central's item in it. */
type Given = Awaited<ReturnType<DisputedItem['reported']>>;

/** Li Na's dispute about an item of one bureau: what she, the bureau and the lender each see of it. */
export class DisputedItem {
  readonly #federation: Federation;
  readonly #page: Page;
  #given: Given | undefined;

  constructor(federation: Federation, page: Page) {
    this.#federation = federation;
    this.#page = page;
  }

  /** What a lender is given now. */
  async reported() {
    const client = this.#lender();
    const terms = usualTerms(this.#federation.card.bureaus, 9);
    const agreed = await agree(this.#federation, client, lina, terms);
    const { digest, disclosures, report } = await inquireUnder(client, agreed, terms);
    const [item] = disclosures.find(({ claims }) => claims.iss === 'central')?.claims.records ?? [];
    if (item === undefined) throw new Error('central has nothing');
    return { agreed, item, inquiry: digest, report: report.digest };
  }

  /** She follows the link of a report, answers question after question, and sends. */
  async dispute(url: string): Promise<void> {
    const page = this.#page;
    this.#given = await this.reported();
    const { item, report } = this.#given;
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
    const [open] = await this.#desk().list();
    expect(open).toMatchObject({ record: item.record_id, state: 'marked', reason: 'already_paid' });
  }

  /** The bureau finds that she is right; she reads it, and who was given the item has its correction. */
  async correct(): Promise<void> {
    const [{ id = '' } = {}] = await this.#desk().list();
    const { item, inquiry } = await this.reported();
    expect(item).toMatchObject({ display_state: 'marked', marks: [{ kind: 'dispute_mark' }] });
    const by = 'zhang';
    await this.#desk().act(id, 'forwarding', { by });
    await this.#desk().act(id, 'answer', { by, text: 'ours was wrong' });
    await this.#desk().act(id, 'correction', { by, set: { balance: '0' }, text: '经核查，已更正。' });
    await this.#page.getByText('异议成立：该条信息已更正。').waitFor(patient);
    await this.#page.getByText('办理过程').click();
    await this.#page.getByText('征信机构的答复：经核查，已更正。').waitFor();
    await vi.waitFor(async () => {
      const corrected = (await this.#lender().corrections()).map(({ claims }) => claims.inquiry);
      expect(corrected.toSorted()).toEqual([this.#first().inquiry, inquiry].toSorted());
    }, patient);
    expect(await this.#federation.lender('evergreen').corrections()).toEqual([]);
    await vi.waitFor(async () => expect((await this.#desk().show(id)).state).toBe('closed'), patient);
    const { item: corrected } = await this.reported();
    expect(corrected).toMatchObject({ balance: '0', version: 2 });
    expect(corrected.marks).toBeUndefined();
  }

  /** The lender tells what it decided on the report; she reads it, with the way to dispute. */
  async readDecision(): Promise<void> {
    const { agreed, inquiry, report } = this.#first();
    const decided = { subject_ref: agreed.subjectRef, inquiry, report, decision: 'declined' } as const;
    await this.#lender().reportDecision({ ...decided, factors: ['overdue_now'] });
    await this.#page.reload();
    await this.#page.getByText('拒绝了您的申请').waitFor();
    const links = this.#page.getByRole('article').getByRole('link', { name: '提出异议' });
    expect(await links.getAttribute('href')).toContain(encodeURIComponent(report));
  }

  #first(): Given {
    if (this.#given === undefined) throw new Error('nothing is disputed');
    return this.#given;
  }

  readonly #lender = () => this.#federation.lender('abc-bank');
  readonly #desk = () => this.#federation.disputeDesk('central');
}
