import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderForm, type ConsentTerms } from './form.ts';

const terms: ConsentTerms = {
  grantee: {
    ...{ id: 'abc-bank', legal_name: 'ABC Bank', legal_name_zh: '安邦诚商业银行' },
    ...{ class: 'A', jurisdiction: 'CN-SH' },
  },
  bureaus: [
    { id: 'central', legal_name: 'Central Registry', legal_name_zh: '中央登记库' },
    { id: 'lotus', legal_name: 'Lotus Credit' },
  ],
  purposes: ['LOAN_APPROVAL'],
  categories: ['ACCOUNT_SUMMARY', 'REPAYMENT_HISTORY'],
  validDays: 30,
  fetch: 'once',
  maxUses: 1,
  recipientRetention: 'P1Y6M',
};

test('the English form says who, what, what for, from whom, how long and how to end it', () => {
  expect(renderForm(terms, 'en').text).toMatchInlineSnapshot(`
    "Consent to a credit inquiry
    I allow ABC Bank (abc-bank) to obtain my credit information.
    Its licence is of class A, its jurisdiction CN-SH.
    Purposes: loan approval.
    Information: account summary; repayment history.
    From these bureaus and no others: Central Registry (central); Lotus Credit (lotus).
    Valid for 30 days from my approval.
    It may be used once.
    The recipient may keep what it receives for 1 year, 6 months.
    Every inquiry, refused ones too, appears in my access history.
    I can withdraw this consent at any time, in as few steps as giving it.
    What was released before stays lawful."
  `);
});

test('the Chinese form says the same', () => {
  expect(renderForm(terms, 'zh-CN').text).toMatchInlineSnapshot(`
    "信用信息查询授权书
    本人授权安邦诚商业银行（abc-bank）查询本人的信用信息。
    该机构的牌照类别为A类，管辖地区为CN-SH。
    查询用途：贷款审批。
    信息范围：账户概要；还款记录。
    信息来源仅限以下征信机构：中央登记库（central）、Lotus Credit（lotus）。
    授权期限：自本人同意之日起30日。
    使用次数：一次。
    接收方对所获信息的保存期限：1年6个月。
    每一次查询（包括被拒绝的查询）均记入本人的查询记录。
    本人可随时撤回本授权，撤回与授权同样便捷；撤回不影响撤回前已进行的查询的效力。"
  `);
});

const product = { name: 'Car loan', amount: '150000.00', currency: 'CNY', apr: '7.2' };

test('what the lender declares stands in the form, as what nobody has checked', () => {
  const lineOf = (of: object, language: 'en' | 'zh-CN') =>
    renderForm({ ...terms, product: { name: 'Car loan', ...of } }, language).text.split('\n')[3];
  expect(lineOf(product, 'en')).toBe(
    [
      'It declares, and nobody else has checked: product “Car loan”',
      'amount 150000.00 CNY',
      'yearly rate (APR) 7.2 %.',
    ].join('; '),
  );
  expect(lineOf(product, 'zh-CN')).toBe(
    '该机构声明（未经他人核实）：产品“Car loan”；金额150000.00 CNY；年化利率（APR）7.2%。',
  );
  expect(lineOf({}, 'en')).toBe('It declares, and nobody else has checked: product “Car loan”.');
  expect(lineOf({}, 'zh-CN')).toBe('该机构声明（未经他人核实）：产品“Car loan”。');
});

test('the same terms give the same digest; any other term, order or language gives another', () => {
  const others: ConsentTerms[] = [
    { ...terms, grantee: { ...terms.grantee, id: 'abc-bank2' } },
    { ...terms, bureaus: terms.bureaus.slice(0, 1) },
    { ...terms, purposes: ['CARD_APPROVAL'] },
    { ...terms, categories: ['ACCOUNT_SUMMARY'] },
    { ...terms, validDays: 31 },
    { ...terms, fetch: 'periodic', maxUses: 2 },
    { ...terms, fetch: 'periodic', maxUses: 3 },
    { ...terms, recipientRetention: 'P2Y' },
    { ...terms, grantee: { ...terms.grantee, class: 'C' } },
    { ...terms, grantee: { ...terms.grantee, jurisdiction: 'CN-SD' } },
    { ...terms, product: { name: 'Car loan' } },
    { ...terms, product },
    { ...terms, product: { ...product, apr: '7.3' } },
    { ...terms, product: { ...product, amount: '150000' } },
    { ...terms, product: { ...product, currency: 'USD' } },
  ];
  const digests = [
    renderForm(terms, 'en'),
    renderForm(terms, 'zh-CN'),
    ...others.map((o) => renderForm(o, 'en')),
  ];
  expect(new Set(digests.map(({ digest }) => digest)).size).toBe(digests.length);
  expect(renderForm({ ...terms }, 'en')).toEqual(renderForm(terms, 'en'));
});

test('a length of time is its own form', () => {
  const days = fc.integer({ min: 1, max: 3650 });
  fc.assert(
    fc.property(days, days, (a, b) => {
      const [one, other] = [a, b].map((validDays) => renderForm({ ...terms, validDays }, 'en').digest);
      expect(one === other).toBe(a === b);
    }),
  );
});
