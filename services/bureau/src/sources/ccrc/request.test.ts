import { createPrivateKey, createVerify, generateKeyPairSync } from 'node:crypto';

import { decodeStrict } from '@causeway/records/encodings';
import { expect, test } from 'vitest';

import type { NativeSubject } from '../source.ts';
import { questionOf } from './request.ts';

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const key = createPrivateKey(pair.privateKey);
const settings = { org_code: 'A10311000H0001', operator: 'teller01' };
const subject: NativeSubject = {
  identifier: { scheme: 'gb11643', value: '990000199003070013' },
  name: '𠮷田·娜迪拉',
};
const at = {
  ...({ nowMs: Date.UTC(2019, 6, 16, 9, 46, 36), purpose: 'LOAN_APPROVAL', inquiry: 'sha-256:x' } as const),
  signal: new AbortController().signal,
};

const asked = (change: Partial<NativeSubject> = {}, nowMs = at.nowMs) =>
  questionOf(settings, key, { ...subject, ...change }, { ...at, nowMs }, '02');

test('a question is written in GB18030, head and message in the order that the registry wants', () => {
  const { body, messageId } = asked();
  expect(decodeStrict(body, 'gb18030')).toBe(
    '<?xml version="1.0" encoding="GB18030"?>' +
      `<Document><Head><Ver>2.0</Ver><OrgCode>A10311000H0001</OrgCode><MsgId>${messageId}</MsgId>` +
      '<SendTime>20190716 17:46:36</SendTime></Head><Msg><Name>𠮷田·娜迪拉</Name><IDType>10</IDType>' +
      '<IDNum>990000199003070013</IDNum><QueryReason>02</QueryReason><AuthNo>sha-256:x</AuthNo>' +
      '<AuthDate>20190716</AuthDate><Operator>teller01</Operator></Msg></Document>',
  );
});

test('the signature is RSA-SHA256 over the exact bytes, in base64', () => {
  const { body, signature } = asked();
  const holds = (bytes: Uint8Array) =>
    createVerify('RSA-SHA256').update(bytes).verify(pair.publicKey, signature, 'base64');
  expect(holds(body)).toBe(true);
  expect(holds(Buffer.concat([body, Buffer.from(' ')]))).toBe(false);
});

test('a message id is of one inquiry at one moment', () => {
  expect(asked().messageId).toMatch(/^[0-9a-f]{32}$/u);
  expect(asked().messageId).toBe(asked().messageId);
  expect(asked({}, at.nowMs + 1).messageId).not.toBe(asked().messageId);
});

test('a name cannot write tags of its own', () => {
  const text = decodeStrict(asked({ name: '</Name><QueryReason>01</QueryReason>&' }).body, 'gb18030');
  expect(text).toContain('<Name>&lt;/Name&gt;&lt;QueryReason&gt;01&lt;/QueryReason&gt;&amp;</Name>');
});

test('a name with half a character is a bad_request, and is not sent with a question mark', () => {
  expect(() => asked({ name: '李\ud842' })).toThrow(expect.objectContaining({ faultClass: 'bad_request' }));
});

test.each([
  ['10:990000900307001', { type: '10', number: '990000900307001' }],
  ['02:E12345678', { type: '02', number: 'E12345678' }],
  ['something else', { type: '10', number: '990000199003070013' }],
])('a roster handle %s is asked with', (handle, { number, type }) => {
  const text = decodeStrict(asked({ handle }).body, 'gb18030');
  expect(text).toContain(`<IDType>${type}</IDType><IDNum>${number}</IDNum>`);
});
