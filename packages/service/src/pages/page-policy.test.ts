import { expect, test } from 'vitest';
import { pagePolicy } from './page-policy.ts';

test('a page reads the ledgers of the federation, and nothing else of them', () => {
  const policy = pagePolicy(['http://localhost:7300', 'https://bureau.example']);
  expect(policy).toContain(
    "; connect-src 'self' http://localhost:7300/ledger/ https://bureau.example/ledger/; base-uri 'none'",
  );
  expect(pagePolicy([])).toContain("; connect-src 'self'; base-uri 'none'");
});

test.each([
  'https://x;frame-ancestors',
  'https://x,y',
  "https://x 'unsafe-inline'",
  'https://*',
  'https://x/path',
  'https://user@x',
  'javascript:x',
  '',
])('an address as %j adds nothing to the policy', (address) => {
  expect(pagePolicy([address])).toBe(pagePolicy([]));
});
