import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import type { Lender } from '@causeway/sdk';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { lender } from './asked.ts';
import { unfit } from './unfit.ts';

interface Kit {
  readonly federation: Federation;
  /** Li Na's, signed in. */
  readonly page: Page;
  readonly url: string;
}

const categories = ['ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'];
const saysNobodyLooks = '本授权不允许任何人查询您的信用信息。';

/** Part of the portal's tests: who provides data asks to give it to bureaus; the person says yes, and no. */
export function providingTests(kit: () => Kit): void {
  let client: Lender;
  let subjectRef = '';
  let asked: Awaited<ReturnType<Lender['requestProvision']>>;

  beforeAll(async () => {
    client = kit().federation.lender(lender);
    [subjectRef = ''] = await client.subjectRefs([sandboxSubject('li-na').identifier]);
  });

  /** A data provider of these bureaus asks; one of them may be left out. */
  const ask = async (contract: string) =>
    await client.requestProvision({
      ...{ subjectRef, categories, bureaus: ['central', 'lotus'], optional: { bureaus: ['lotus'] } },
      ...{ validDays: 300, language: 'zh-CN', contract },
    });
  /** The cards under the heading of consents to provide, and those above it. */
  const cards = (where: 'following' | 'preceding') =>
    kit()
      .page.getByRole('heading', { name: '哪些机构可以向征信机构提供我的信息' })
      .locator(`xpath=${where}-sibling::article`);

  test('reads that it is about giving, to whom, and of which contract, and leaves a bureau out', async () => {
    const { page, url } = kit();
    asked = await ask('个人消费贷款 2026-117');
    await page.goto(`${url}/permissions`);
    await page.getByText('请求允许其向征信机构提供您的信息').waitFor();
    await page.getByText('信用信息提供授权书').waitFor();
    await page.getByText('所涉合同（以该机构所称为准）：个人消费贷款 2026-117').waitFor();
    await page.getByText(saysNobodyLooks).first().waitFor();
    expect(await page.getByText('该机构没有声明产品').count()).toBe(0);
    expect((await client.consent(asked)).status).toBe('pending');
    expect(await unfit(page)).toEqual([]);
    await page.locator('.form-text', { hasText: '莲花征信' }).waitFor();
    await page.getByRole('group', { name: '以下内容可以不同意' }).getByRole('checkbox').uncheck();
    await page.locator('.form-text', { hasNotText: '莲花征信' }).waitFor();
  });

  test('approves it by a sign-in for it, and it stands apart from what lets somebody look', async () => {
    const { page, url } = kit();
    await page.getByRole('button', { name: '同意', exact: true }).click();
    await page.getByRole('button', { name: /李娜/u }).click();
    await page.waitForURL(`${url}/permissions`);
    await page.getByText('没有机构向您提出请求。').waitFor();
    await cards('following').first().waitFor();
    const provided = await cards('following').allInnerTexts();
    expect(provided).toEqual([expect.stringContaining(saysNobodyLooks)]);
    expect(provided[0]).toMatch(/接收方：[^、]+$/mu);
    expect(provided[0]).not.toContain('已使用');
    for (const text of await cards('preceding').allInnerTexts()) {
      expect(text).toContain('已使用');
      expect(text).not.toContain(saysNobodyLooks);
    }
    await page
      .getByText(/您允许.+向征信机构提供信息/u)
      .first()
      .waitFor();
    expect(await unfit(page)).toEqual([]);
  });

  test('has given the provider a consent of that kind, under which nobody can look', async () => {
    const { consent, status } = await client.consent(asked);
    expect(status).toBe('approved');
    expect(consent?.claims).toMatchObject({
      ...{ kind: 'provide', purposes: [], bureaus: ['central'], categories, grantee: lender },
      ...{ grantor: { role: 'self' }, strength: 'idp' },
    });
    const question = { subjectRef, purpose: 'LOAN_APPROVAL' as const, operator: 'op-1' };
    const looked = client.inquire({
      ...{ ...question, consent: consent?.digest ?? 'sha-256:', categories: ['ACCOUNT_DETAIL'] },
    });
    await expect(looked).rejects.toMatchObject({ code: 'not_authorised' });
  });

  test('S44 withdraws it in as few steps, and what lets somebody look stays as it was', async () => {
    const { page, url } = kit();
    await page.goto(`${url}/permissions`);
    await cards('following').first().waitFor();
    const before = await cards('preceding').allInnerTexts();
    await cards('following').getByRole('button', { name: '撤回', exact: true }).click();
    await cards('following').getByRole('button', { name: '确认撤回' }).click();
    await cards('following').getByText('已撤回', { exact: true }).waitFor();
    expect(await cards('preceding').allInnerTexts()).toEqual(before);
    expect(await cards('following').getByRole('button').count()).toBe(0);
  });

  test('says no to another, and then there is no consent', async () => {
    const { page, url } = kit();
    const refused = await ask('个人消费贷款 2026-118');
    await page.goto(`${url}/permissions`);
    await page.getByRole('button', { name: '不同意' }).click();
    await page.getByText('没有机构向您提出请求。').waitFor();
    expect(await client.consent(refused)).toEqual({ status: 'rejected' });
    expect(await cards('following').count()).toBe(1);
  });
}
