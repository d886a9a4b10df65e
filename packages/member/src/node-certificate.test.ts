import type { DirectoryView } from '@causeway/protocol';
import type { NodeKeys, TlsPair } from '@causeway/service';
import { handClock, memoryLog } from '@causeway/service/shell.fixture';
import { beforeEach, describe, expect, test } from 'vitest';

import { NodeCertificate } from './node-certificate.ts';

const day = 86_400_000;
const clock = handClock();
const pair = (thumbprint: string, days: number, ca = 'ca'): TlsPair => ({
  ...{ key: `key of ${thumbprint}`, cert: thumbprint, ca, thumbprint },
  ...{ notBeforeMs: clock.now() + days * day, notAfterMs: clock.now() + (days + 30) * day },
});
const [old, young] = [pair('old', -20), pair('young', -1)];

let held: [TlsPair, ...TlsPair[]];
let listed: string[] | undefined;
let certificate: NodeCertificate;
let told: string[];

beforeEach(() => {
  held = [old];
  listed = ['old'];
  told = [];
  const keys = { held: () => ({ statements: [], pairs: held }) } as unknown as NodeKeys;
  const latest = () => listed && ({ member: () => ({ certificates: listed }) } as unknown as DirectoryView);
  certificate = new NodeCertificate({ member: 'broker', keys, latest, clock, log: memoryLog().log });
  certificate.onChange(({ cert }) => void told.push(cert));
});

const presented = (): string => {
  certificate.choose();
  return certificate.current().cert;
};

describe('S11 the certificate that a node presents', () => {
  test('S11 n: is the new one when every node has had time to hear of it, and the old one until then', () => {
    expect(presented()).toBe('old');
    held = [old, young];
    expect(presented()).toBe('old');
    listed = ['old', 'young'];
    expect(presented()).toBe('old');
    clock.advance(11_999);
    expect(presented()).toBe('old');
    clock.advance(1);
    expect(presented()).toBe('young');
    expect(presented()).toBe('young');
    expect(told).toEqual(['young']);
  });

  test('S29 is never one that was removed while there is another', () => {
    held = [old, young];
    listed = ['young'];
    expect(presented()).toBe('young');
    listed = ['old'];
    expect(presented()).toBe('old');
  });

  test('is the only one there is, whatever the directory says', () => {
    listed = undefined;
    expect(presented()).toBe('old');
    listed = [];
    expect(presented()).toBe('old');
    expect(told).toEqual([]);
  });

  test('is not one that has expired, or that begins tomorrow', () => {
    const tomorrow = pair('tomorrow', 1);
    held = [old, young, tomorrow];
    listed = ['old', 'young', 'tomorrow'];
    presented();
    clock.advance(12_000);
    expect(presented()).toBe('young');
    clock.advance(2 * day);
    expect(presented()).toBe('tomorrow');
    clock.advance(29 * day);
    expect(presented()).toBe('tomorrow');
  });

  test('a change of the authorities that are trusted counts at once', () => {
    held = [{ ...old, ca: 'two of them' }];
    presented();
    expect(certificate.current().ca).toBe('two of them');
    expect(told).toEqual(['old']);
  });
});
