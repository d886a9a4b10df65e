import { createPublicKey, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freeze } from '../freezes/service.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { deliverPushes } from './deliver.ts';
import { mailer } from './mail.ts';
import { takePushes } from './repository.ts';
import { addChannel, confirmChannel, listChannels, removeChannel } from './service.ts';

const dayMs = 86_400_000;
let database: TestDatabase;
let world: World;
/** Somebody new for each test. */
let person: { scheme: string; value: string };
let ref: string;
let persons = 0;
/** What the mail server has taken. */
const mails: string[] = [];
let refusing = false;
let smtp: SMTPServer;
let app: Server;
let hook: string;
const calls: { headers: IncomingHttpHeaders; body: string }[] = [];
let answer = 204;
const portal = 'http://localhost:7200';
let mail: ReturnType<typeof mailer>;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  smtp = new SMTPServer({
    authOptional: true,
    onData: (stream, _session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (!refusing) mails.push(Buffer.concat(parts).toString());
        done(refusing ? new Error('451 later') : null);
      });
    },
  });
  const listening = smtp.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  mail = mailer({ url: `smtp://127.0.0.1:${port}`, from: 'portal@causeway.test', portal });
  app = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      calls.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(answer, answer === 302 ? { location: 'http://10.0.0.1/' } : {}).end();
    });
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
  hook = `http://127.0.0.1:${(app.address() as AddressInfo).port}/hook`;
});
beforeEach(async () => {
  world.nodes.reset();
  person = sandboxIdentifier(String((persons += 1)));
  ref = await refOf(person);
  [mails.length, calls.length, refusing, answer] = [0, 0, false, 204];
  world.clock.advance(2 * dayMs);
  await world.consumer.pool.query(`UPDATE push SET ended = 'nothing', ended_ms = 1 WHERE ended IS NULL`);
});
afterAll(async () => {
  await Promise.all([new Promise<void>((done) => smtp.close(done)), new Promise((done) => app.close(done))]);
  await world.close();
  await database.drop();
});

const deliver = async (): Promise<void> => await deliverPushes(world.consumer, mail);
const textOf = (raw: string): string => {
  const body = raw.slice(raw.indexOf('\r\n\r\n'));
  return raw.includes('base64')
    ? Buffer.from(body, 'base64').toString()
    : body
        .replaceAll('=\r\n', '')
        .replaceAll(/(?:=[0-9A-F]{2})+/gu, (coded) =>
          Buffer.from(coded.replaceAll('=', ''), 'hex').toString(),
        );
};
/** A confirmed channel of this person. */
async function confirmed(kind: 'email' | 'webhook'): Promise<string> {
  const target = kind === 'email' ? 'li.na@example.com' : hook;
  const { id } = await addChannel(world.consumer, ref, { kind, target });
  await deliver();
  const code =
    kind === 'email'
      ? (/[0-9]{8}/u.exec(textOf(mails.pop() ?? ''))?.[0] ?? '')
      : (JSON.parse(calls.pop()?.body ?? '{}') as { data: { code: string } }).data.code;
  expect(await confirmChannel(world.consumer, ref, { id, code })).toMatchObject({ status: 'confirmed' });
  await deliver();
  return id;
}
async function inquire(digest?: string) {
  const consent = digest ?? (await world.consentOf(person, { fetch: 'periodic', max_uses: 50 })).digest;
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never });
  await world.redemptions.redeem({ inquiry: jws }, 'broker');
  return consent;
}
const types = () => calls.map(({ body }) => (JSON.parse(body) as { type: string }).type);

describe('a channel', () => {
  test('is confirmed by the code that was sent to it, and told of nothing before', async () => {
    const { id } = await addChannel(world.consumer, ref, { kind: 'email', target: 'li.na@example.com' });
    await inquire();
    await deliver();
    expect(mails).toHaveLength(1);
    const code = /[0-9]{8}/u.exec(textOf(mails[0] ?? ''))?.[0] ?? '';
    expect(await confirmChannel(world.consumer, ref, { id, code })).toEqual({
      ...{ id, kind: 'email', target: 'l***@example.com', status: 'confirmed' },
    });
  });

  test('a mail says that something has happened and where to sign in, and nothing of anybody', async () => {
    await confirmed('email');
    await inquire();
    await deliver();
    expect(mails).toHaveLength(1);
    const text = textOf(mails[0] ?? '');
    expect(text).toContain(portal);
    expect(text).toContain('Something has happened');
    for (const secret of [ref, 'abc-bank', 'LOAN_APPROVAL', person.value, 'central']) {
      expect(mails[0]).not.toContain(secret);
    }
  });

  test('an app is told of first readers, hard inquiries and refusals, and can verify it', async () => {
    const id = await confirmed('webhook');
    calls.length = 0;
    const consent = await inquire();
    await deliver();
    await inquire(consent);
    await deliver();
    await freeze(world.consumer, { subjectRef: ref });
    await inquire(consent);
    await deliver();
    expect(types()).toEqual(['history.first_reader', 'history.hard_inquiry', 'history.refusal']);
    const { items } = await listChannels(world.consumer, [ref]);
    const key = items.find((one) => one.id === id)?.public_key ?? '';
    const spki = Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      Buffer.from(key.replace('whpk_', ''), 'base64'),
    ]);
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    for (const { body, headers } of calls) {
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      const [scheme, signature = ''] = String(headers['webhook-signature']).split(',');
      expect(scheme).toBe('v1a');
      expect(verify(null, Buffer.from(signed), publicKey, Buffer.from(signature, 'base64'))).toBe(true);
      expect(verify(null, Buffer.from(`${signed} `), publicKey, Buffer.from(signature, 'base64'))).toBe(
        false,
      );
      expect(Object.keys(JSON.parse(body) as object)).toEqual(['type', 'timestamp', 'data']);
      for (const secret of [ref, 'abc-bank', 'LOAN']) expect(body).not.toContain(secret);
    }
  });

  test('a reminder says how it is switched off, and nothing of the consent', async () => {
    await confirmed('email');
    await confirmed('webhook');
    [mails.length, calls.length] = [0, 0];
    const { id } = await world.consentOf(person, { fetch: 'periodic', max_uses: 50 });
    await world.consumer.db
      .insertInto('consent_notice')
      .values({ subject_ref: ref, consent: id, kind: 'reminder', number: 1, at_ms: world.clock.now() })
      .execute();
    await deliver();
    expect(textOf(mails[0] ?? '')).toContain(`Switch it off here: ${portal}/settings`);
    expect(mails[0]).not.toContain('abc-bank');
    expect(calls.map(({ body }) => JSON.parse(body) as object)).toMatchObject([
      { type: 'consent.reminder', data: { id, stop: `${portal}/settings` } },
    ]);
  });

  test('the others are told of a new one, and of one that goes', async () => {
    const first = await confirmed('webhook');
    const second = await confirmed('email');
    await removeChannel(world.consumer, ref, second);
    mails.length = 0;
    await deliver();
    expect(types()).toContain('channel.added');
    expect(types()).toContain('channel.removed');
    expect(mails).toHaveLength(1);
    await inquire();
    await deliver();
    expect(mails).toHaveLength(1);
    const { items } = await listChannels(world.consumer, [ref]);
    expect(items.map(({ id }) => id)).toEqual([first]);
  });
});

test('a change of the passkeys is told on the channels that were there before it', async () => {
  await confirmed('webhook');
  calls.length = 0;
  await world.consumer.db
    .insertInto('passkey_notice')
    .values({
      ...{ subject_ref: ref, id: crypto.randomUUID(), what: 'added', at_ms: world.clock.now() },
      ...{ enrolment: 'sha-256:x' as never, counts_from_ms: world.clock.now() },
    })
    .execute();
  await deliver();
  expect(types()).toEqual(['passkey.changed']);
});

describe('the outbox', () => {
  test('what is not taken is tried again, later and later, under the same id', async () => {
    await confirmed('webhook');
    calls.length = 0;
    answer = 500;
    await inquire();
    await deliver();
    await deliver();
    expect(calls).toHaveLength(1);
    world.clock.advance(5000);
    await deliver();
    world.clock.advance(5000);
    await deliver();
    expect(calls).toHaveLength(2);
    answer = 204;
    world.clock.advance(5000);
    await deliver();
    world.clock.advance(dayMs);
    await deliver();
    expect(calls).toHaveLength(3);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('what a killed process had taken is sent by another one', async () => {
    await confirmed('email');
    await inquire();
    expect(await takePushes(world.consumer.db, world.clock.now(), 32)).toHaveLength(1);
    const other = world.replica();
    await deliverPushes(other.consumer, mail);
    expect(mails).toHaveLength(0);
    world.clock.advance(5000);
    await Promise.all([deliverPushes(other.consumer, mail), deliver()]);
    await other.close();
    expect(mails).toHaveLength(1);
  });

  test('a mail server that is away loses nothing', async () => {
    await confirmed('email');
    refusing = true;
    await inquire();
    await deliver();
    expect(mails).toHaveLength(0);
    refusing = false;
    world.clock.advance(5000);
    await deliver();
    expect(mails).toHaveLength(1);
  });

  test('nobody is flooded: twenty in an hour, whatever happens', async () => {
    await confirmed('email');
    const consent = await inquire();
    for (let n = 0; n < 24; n += 1) await inquire(consent);
    await deliver();
    await deliver();
    // Those under way together may pass the bound by their number.
    expect(mails.length).toBeGreaterThanOrEqual(20);
    expect(mails.length).toBeLessThan(26);
    await inquire(consent);
    const before = mails.length;
    await deliver();
    expect(mails.length).toBe(before);
  });

  test('an app that answers with a way elsewhere has not taken it, and nobody goes there', async () => {
    await confirmed('webhook');
    calls.length = 0;
    answer = 302;
    await inquire();
    await deliver();
    const open = await world.consumer.pool.query('SELECT FROM push WHERE ended IS NULL');
    expect([calls.length, open.rowCount]).toEqual([1, 1]);
  });
});

describe('refused', () => {
  const rows = async (): Promise<number> =>
    (await world.consumer.pool.query('SELECT FROM channel')).rowCount ?? 0;

  test('five wrong codes end the channel, the right one too', async () => {
    const { id } = await addChannel(world.consumer, ref, { kind: 'email', target: 'li.na@example.com' });
    await deliver();
    const code = /[0-9]{8}/u.exec(textOf(mails[0] ?? ''))?.[0] ?? '';
    const wrong = code === '00000000' ? '00000001' : '00000000';
    for (let n = 0; n < 5; n += 1) {
      const tried = confirmChannel(world.consumer, ref, { id, code: wrong });
      await expect(tried).rejects.toMatchObject({ code: 'bad_request' });
    }
    await expect(confirmChannel(world.consumer, ref, { id, code })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect((await listChannels(world.consumer, [ref])).items).toEqual([]);
  });

  test('a code after a quarter of an hour', async () => {
    const { id } = await addChannel(world.consumer, ref, { kind: 'email', target: 'li.na@example.com' });
    await deliver();
    const code = /[0-9]{8}/u.exec(textOf(mails[0] ?? ''))?.[0] ?? '';
    world.clock.advance(15 * 60_000);
    await expect(confirmChannel(world.consumer, ref, { id, code })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('S54 another person’s channel is not found', async () => {
    const id = await confirmed('webhook');
    const stranger = 's1.1.stranger';
    expect((await listChannels(world.consumer, [stranger])).items).toEqual([]);
    const refused = { code: 'not_found' };
    const tried = confirmChannel(world.consumer, stranger, { id, code: '00000000' });
    await expect(tried).rejects.toMatchObject(refused);
    await expect(removeChannel(world.consumer, stranger, id)).rejects.toMatchObject(refused);
    expect((await listChannels(world.consumer, [ref])).items).toHaveLength(1);
  });

  test('a fourth channel, and a sixth new one in a day: nobody writes to strangers from here', async () => {
    const target = 'li.na@example.com';
    const add = async () => await addChannel(world.consumer, ref, { kind: 'email', target });
    const made = [await add(), await add(), await add()];
    const before = await rows();
    await expect(add()).rejects.toMatchObject({ code: 'conflict' });
    for (const { id } of made.slice(0, 2)) {
      await removeChannel(world.consumer, ref, id);
      await add();
    }
    await removeChannel(world.consumer, ref, made[2]?.id ?? '');
    await expect(add()).rejects.toMatchObject({ code: 'rate_limited' });
    expect((await rows()) - before).toBe(2);
  });

  test('S70 addresses that nothing may be sent to', async () => {
    const before = await rows();
    const webhooks = [
      ...[
        'http://example.com/hook',
        'https://user:pw@example.com/',
        'https://10.0.0.1/',
        'https://[::ffff:10.0.0.1]/',
      ],
      ...[
        'https://169.254.169.254/latest',
        'ftp://example.com/',
        'https://example.com:8443/',
        'https://intranet/',
      ],
      ...[
        'https://example.com/#a',
        'javascript:alert(1)',
        'https://0x7f000001@example.com/',
        'file:///etc/passwd',
      ],
    ];
    for (const target of webhooks) {
      const added = addChannel(world.consumer, ref, { kind: 'webhook', target });
      await expect(added).rejects.toMatchObject({ code: 'bad_request' });
    }
    for (const target of [
      'a@b',
      'a b@example.com',
      'a@example.com\r\nBcc: x@example.com',
      '"x"@example.com',
      'ä@x.cn',
    ]) {
      const added = addChannel(world.consumer, ref, { kind: 'email', target });
      await expect(added).rejects.toMatchObject({ code: 'bad_request' });
    }
    const other = world.replica({ mails: false });
    const none = addChannel(other.consumer, ref, { kind: 'email', target: 'li.na@example.com' });
    await expect(none).rejects.toMatchObject({ code: 'bad_request' });
    await other.close();
    expect(await rows()).toBe(before);
  });
});
