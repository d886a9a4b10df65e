import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { postWebhook } from './post-webhook.ts';
import { guardedLookup, refusesAddress } from './public-address.ts';
import { checkTarget } from './target.ts';

describe('S70 no connection is made to', () => {
  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.0.9', '169.254.169.254', '172.16.0.1'],
    ...['172.31.255.255', '192.0.0.8', '192.0.2.1', '192.168.1.1', '198.18.0.1', '203.0.113.9', '224.0.0.1'],
    ...['240.0.0.1', '255.255.255.255', '::', '::1', '::ffff:8.8.8.8', '::ffff:10.0.0.1', '64:ff9b::a00:1'],
    ...['fc00::1', 'fd12::1', 'fe80::1', 'ff02::1', '2001:db8::1', '2002:a00:1::', '2001::1', '100::1'],
    ...['', 'example.com', '010.0.0.1', '0x7f.1', '2130706433'],
  ])('%s', (address) => expect(refusesAddress(address, false)).toBe(true));

  test.each(['10.0.0.1', '169.254.169.254', '::', 'fe80::1'])('%s, a sandbox or not', (address) =>
    expect(refusesAddress(address, true)).toBe(true),
  );

  test('a name that leads there, though it leads elsewhere too', async () => {
    const found = await new Promise<[Error | null, string | LookupAddress[]]>((resolve) => {
      guardedLookup(false)('localhost', {}, (error, address) => resolve([error, address]));
    });
    expect(found).toMatchObject([{ message: 'the name leads to an address that is not public' }, []]);
    const posted = postWebhook('https://localhost/', { headers: {}, body: '{}' }, false);
    await expect(posted).rejects.toThrow('not public');
    const literal = postWebhook('https://[fd00::1]/', { headers: {}, body: '{}' }, true);
    await expect(literal).rejects.toThrow('not public');
  });
});

test.each(['8.8.8.8', '1.1.1.1', '2400:3200::1', '2a00:1450::1'])('%s is public', (address) => {
  expect(refusesAddress(address, false)).toBe(false);
});

test('this machine is called in a sandbox only', () => {
  for (const target of ['http://localhost:3000/hook', 'http://127.0.0.1:3000/', 'http://[::1]:3000/']) {
    expect(checkTarget('webhook', target, true)).toBe(target);
    expect(() => checkTarget('webhook', target, false)).toThrow(/bad_request|address/u);
  }
  expect(checkTarget('webhook', 'https://app.example.com/hook?x=1', false)).toBe(
    'https://app.example.com/hook?x=1',
  );
});
