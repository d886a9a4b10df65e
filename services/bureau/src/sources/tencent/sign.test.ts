import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { tc3Authorization } from './sign.ts';

/** The worked example of the public documentation of signature method v3. */
const example = {
  body: String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
  headers: { 'Content-Type': 'application/json; charset=utf-8', Host: 'cvm.tencentcloudapi.com' },
  service: 'cvm',
  seconds: 1_551_113_065,
  secretId: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE',
  secretKey: 'Gu5t9xGARNpq86cd98joQYCN3EXAMPLE',
};

describe('signature method v3', () => {
  it('signs the documented example with the documented signature', () => {
    expect(tc3Authorization(example)).toBe(
      'TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, ' +
        'SignedHeaders=content-type;host, ' +
        'Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168',
    );
  });

  it('signs a third header as the documentation of 2024 does, lower-case value and all', () => {
    const headers = { 'X-TC-Action': 'DescribeInstances', ...example.headers };
    const signed = tc3Authorization({ ...example, headers, secretKey: '*'.repeat(32) });
    expect(signed).toContain('SignedHeaders=content-type;host;x-tc-action, ');
    expect(signed).toContain('Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f');
  });

  it('dates the scope in UTC, when in Shanghai it is the next day already', () => {
    expect(new Date(example.seconds * 1000 + 8 * 3_600_000).toISOString()).toContain('2019-02-26');
    expect(tc3Authorization(example)).toContain('/2019-02-25/cvm/tc3_request');
  });

  it('agrees with a computation from SHA-256 alone, whatever is signed', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    const token = fc.stringMatching(/^[A-Za-z0-9._-]{1,90}$/u);
    fc.assert(
      fc.property(text, token, token, fc.nat(4_000_000_000), (body, host, secretKey, seconds) => {
        const request = { ...example, body, seconds, secretKey, headers: { Host: host, 'X-B': ' Ab ' } };
        expect(tc3Authorization(request)).toContain(`Signature=${fromScratch(request)}`);
      }),
      { numRuns: 200 },
    );
  });

  it.each(['body', 'service', 'secretKey'] as const)('another %s is another signature', (member) => {
    expect(tc3Authorization({ ...example, [member]: 'other' }).slice(-64)).not.toBe(
      tc3Authorization(example).slice(-64),
    );
  });
});

/** HMAC by its definition (RFC 2104), and the two headers written out by hand. */
function fromScratch(request: {
  body: string;
  seconds: number;
  secretKey: string;
  headers: { Host: string };
}): string {
  const { body, headers, secretKey, seconds } = request;
  const host = headers.Host.toLowerCase();
  const payload = sha256(Buffer.from(body)).toString('hex');
  const canonical = `POST\n/\n\nhost:${host}\nx-b:ab\n\nhost;x-b\n${payload}`;
  const [day] = new Date(seconds * 1000).toISOString().split('T');
  const hashed = sha256(Buffer.from(canonical)).toString('hex');
  const toSign = `TC3-HMAC-SHA256\n${seconds}\n${day}/cvm/tc3_request\n${hashed}`;
  let key: Uint8Array = Buffer.from(`TC3${secretKey}`);
  for (const step of [day ?? '', 'cvm', 'tc3_request', toSign]) key = hmac(key, Buffer.from(step));
  return Buffer.from(key).toString('hex');
}

function hmac(key: Uint8Array, text: Uint8Array): Buffer {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const inner = sha256(Buffer.concat([block.map((byte) => byte ^ 0x36), text]));
  return sha256(Buffer.concat([block.map((byte) => byte ^ 0x5c), inner]));
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
