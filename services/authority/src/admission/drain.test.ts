import { systemRandom } from '@causeway/kernel/system';
import type { DirectoryView } from '@causeway/protocol/directory';
import { type Digest, digestOf } from '@causeway/protocol/digest';
import { CausewayError } from '@causeway/protocol/errors';
import { directoryWith, entryOf, fed, keyOf, now } from '@causeway/protocol/federation.fixture';
import { sign } from '@causeway/protocol/sign';
import { PeerFailure } from '@causeway/service/peer-failure';
import type { FederationClient } from '@causeway/service/federation-client';
import { createLog } from '@causeway/service/log';
import { expect, test } from 'vitest';
import { drainNodes } from './drain.ts';

const endpoints = { federation: 'https://localhost:8300' };
const { view } = directoryWith([entryOf('broker', { endpoints }), entryOf('consumer', { endpoints })]);
const head = digestOf(view.evidence.head);
const log = createLog({ name: 't', level: 'silent' });

/** A clock that only the nodes move: by what they take to answer. */
function world(answers: Record<string, (head: string) => string>, on: DirectoryView = view) {
  let ms = now * 1000;
  const clock = { now: () => ms, monotonic: () => ms };
  const asked: string[] = [];
  const call: FederationClient['call'] = async ({ body, member, path }) => {
    asked.push(`${member} ${path}`);
    ms += 4000;
    const answer = answers[member];
    if (answer === undefined) throw new PeerFailure('unreachable');
    return { ack: answer(String(Reflect.get(Object(body), 'directory'))) } as never;
  };
  const parts = { fed, authority: 'authority', clock, log, federation: { call } };
  return { asked, drained: async () => await drainNodes(parts, on) };
}

const ack =
  (member: string, claims: { status?: Digest; aud?: string } = {}) =>
  (sent: string): string =>
    sign(
      'ack',
      { aud: 'authority', exp: now + 60, status: digestOf(sent), tree_size: 42, ...claims },
      { key: keyOf(member), fed, clock: { now: () => now * 1000, monotonic: () => 0 }, random: systemRandom },
    ).jws;

test('S31 brokers and consumer service acknowledge the very head, each with its tree size', async () => {
  const { asked, drained } = world({ broker: ack('broker'), consumer: ack('consumer') });
  expect(await drained()).toMatchObject({
    acknowledgements: [
      { node: 'broker', tree_size: 42 },
      { node: 'consumer', tree_size: 42 },
    ],
    waiting: [],
  });
  expect(new Set(asked)).toEqual(new Set(['broker /v1/status', 'consumer /v1/status']));
});

test('S31 who does not answer is asked again until 10 s are over, and is named', async () => {
  const { asked, drained } = world({ broker: ack('broker') });
  expect(await drained()).toMatchObject({ acknowledgements: [{ node: 'broker' }], waiting: ['consumer'] });
  expect(asked.filter((one) => one.startsWith('consumer')).length).toBeGreaterThan(1);
});

test.each<[string, (sent: string) => string]>([
  ['of another member', ack('broker')],
  ['for another head', ack('consumer', { status: digestOf('a.b.c') })],
  ['to another member', ack('consumer', { aud: 'broker' })],
  ['that is no statement', () => 'yes'],
])('S12 an ack %s does not count', async (_what, make) => {
  const { drained } = world({ broker: ack('broker'), consumer: make });
  expect((await drained()).waiting).toEqual(['consumer']);
});

test('a node that is suspended itself, or has no federation listener, is not asked', async () => {
  const suspended = directoryWith([
    entryOf('broker', { endpoints, status: 'suspended' }),
    entryOf('consumer'),
  ]);
  const { asked, drained } = world({}, suspended.view);
  expect(await drained()).toEqual({ acknowledgements: [], waiting: [] });
  expect([asked, head]).toEqual([[], head]);
});

test('a fault of our own is not taken for silence', async () => {
  const parts = { fed, authority: 'authority', clock: { now: () => 0, monotonic: () => 0 }, log };
  const call = async (): Promise<never> => {
    throw new TypeError('ours');
  };
  await expect(drainNodes({ ...parts, federation: { call } }, view)).rejects.not.toBeInstanceOf(
    CausewayError,
  );
});
