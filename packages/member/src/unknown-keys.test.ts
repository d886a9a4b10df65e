import type { KeyLookup } from '@causeway/protocol';
import { generateKey, kidOf } from '@causeway/protocol';
import { beforeEach, describe, expect, test } from 'vitest';

import { UnknownKeys } from './unknown-keys.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const strangers = (n: number): string[] => Array.from({ length: n }, () => kidOf('abc-bank', generateKey()));
/** Looks like a statement by this key; what it says does not matter. */
const by = (kid: string): string => `${part({ typ: 'causeway-inquiry+jws', alg: 'Ed25519', kid })}.e30.AAAA`;

const known = kidOf('abc-bank', generateKey());
let listed: Set<string>;
let nowMs: number;
let fetches: number;
let fetch: () => Promise<void>;
let keys: UnknownKeys;

beforeEach(() => {
  listed = new Set([known]);
  nowMs = 1000;
  fetches = 0;
  fetch = async () => undefined;
  const lookup: KeyLookup = (kid) =>
    listed.has(kid)
      ? {
          ...{ member: 'abc-bank', jwk: generateKey(), use: ['inquiry'], from: 0 },
          member_status: 'active',
        }
      : undefined;
  keys = new UnknownKeys({
    keys: () => lookup,
    fetch: async () => {
      fetches += 1;
      await fetch();
    },
    clock: { now: () => 0, monotonic: () => nowMs },
  });
});

describe('S26 an unknown key', () => {
  test('S26 is fetched for before its statement is judged', async () => {
    const [young = ''] = strangers(1);
    fetch = async () => void listed.add(young);
    await keys.meet({ items: [{ inquiry: by(known), grant: by(young) }] });
    expect([fetches, listed.has(young)]).toEqual([1, true]);
    await keys.meet(by(young));
    expect(fetches).toBe(1);
  });

  test('S26 of ten thousand at once, and one after another, causes one fetch in an interval', async () => {
    const kids = strangers(50);
    const flood = Array.from({ length: 10_000 }, (_, n) => by(kids[n % 50] ?? ''));
    await Promise.all(flood.slice(0, 5000).map(async (jws) => await keys.meet(jws)));
    for (const jws of flood.slice(5000)) await keys.meet([jws]);
    expect(fetches).toBe(1);
    nowMs += 4999;
    await keys.meet(by(kids[0] ?? ''));
    expect(fetches).toBe(1);
    nowMs += 1;
    await Promise.all(kids.map(async (kid) => await keys.meet(by(kid))));
    expect(fetches).toBe(2);
  });

  test('S26 behind an authority that hangs keeps nobody waiting long, known keys not at all', async () => {
    fetch = async () => await new Promise(() => undefined);
    const [stranger = ''] = strangers(1);
    const waiting = keys.meet(by(stranger));
    let done = false;
    void waiting.then(() => (done = true));
    await keys.meet(by(known));
    expect(done).toBe(false);
    await waiting;
    nowMs += 60_000;
    await keys.meet(by(stranger));
    expect(fetches).toBe(1);
  });

  test('S26 behind an authority that fails is judged by what is known', async () => {
    fetch = async () => {
      throw new Error('away');
    };
    await keys.meet(by(strangers(1)[0] ?? ''));
    expect(fetches).toBe(1);
  });
});

describe('what causes no fetch', () => {
  const path = by('../../etc/passwd');
  test.each<[string, unknown]>([
    ['a known key', by(known)],
    ['S5 a kid that is a path', path],
    ['S5 a kid that is SQL', by("abc-bank:' OR 1=1 --")],
    ['a header that is no JSON', 'eyJ.e30.AAAA'],
    ['a header without a kid', `${part({ alg: 'Ed25519' })}.e30.AAAA`],
    ['a text that only begins like one', `eyJ${'A'.repeat(10_000)}`],
    ['no statement', { note: 'hello', count: 3, nothing: null }],
    ['no body', undefined],
    ['a stream', Object.assign(Object.create({ kind: 'stream' }), { text: by(strangers(1)[0] ?? '') })],
    ['what is nested too deeply', [[[[[by(strangers(1)[0] ?? '')]]]]]],
  ])('%s', async (_what, body) => {
    await keys.meet(body);
    expect(fetches).toBe(0);
  });

  test('a key that the directory has stopped listing is unknown again', async () => {
    await keys.meet(by(known));
    listed.clear();
    keys.forget();
    await keys.meet(by(known));
    expect(fetches).toBe(1);
  });
});
