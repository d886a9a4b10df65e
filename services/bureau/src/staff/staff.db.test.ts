import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { cookieOf, createConsole, publicUrl, sessionName } from './test-console.ts';
import type { Jar } from './test-console.ts';

type Console = Awaited<ReturnType<typeof createConsole>>;

let database: TestDatabase;
let desk: Console;
beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  desk = await createConsole(database);
});
afterEach(() => desk.reset());
afterAll(async () => {
  await desk.close();
  await database.drop();
});

const opened = async (): Promise<number> =>
  (await desk.world.count('staff_session')) + (await desk.world.count('used_staff_token'));
const codeOf = (text: string): string => (JSON.parse(text) as { code: string }).code;

describe('somebody of the staff', () => {
  it('signs in, is who their provider says, and no script reads the session', async () => {
    const begun = await desk.visit('/v1/sign-in?return_to=/console/batches');
    expect(new URL(begun.to).searchParams.get('code_challenge_method')).toBe('S256');
    const done = await desk.visit(await desk.atProvider(begun.to, 'central.publisher'), begun.set);
    expect([done.status, done.to]).toEqual([303, '/console/batches']);
    const self = await desk.visit('/v1/console/self', done.set);
    expect(JSON.parse(self.text)).toMatchObject({
      name: '陈报',
      roles: ['publisher'],
      member: { id: 'central' },
    });
    const line = await desk.app.inject({ url: '/v1/sign-in' });
    expect(String(line.headers['set-cookie'])).toMatch(/^__Host-.*; HttpOnly; Secure; SameSite=Lax/u);
  });

  it('is signed out at once, in every copy of the cookie, and by its own page only', async () => {
    const { set } = await desk.signIn('central.auditor');
    const out = async (origin: string | undefined) => {
      const headers = { cookie: cookieOf(set), ...(origin === undefined ? {} : { origin }) };
      return await desk.app.inject({ method: 'POST', url: '/v1/sign-out', headers, payload: {} });
    };
    for (const origin of [undefined, 'null', 'https://evil.example', 'http://localhost:7200']) {
      expect((await out(origin)).statusCode).toBe(401);
    }
    expect((await desk.visit('/v1/console/self', set)).status).toBe(200);
    expect((await out(publicUrl)).statusCode).toBe(204);
    expect((await desk.visit('/v1/console/self', set)).status).toBe(401);
  });

  it('is a stranger after half an hour', async () => {
    const { set } = await desk.signIn('central.auditor');
    desk.pass(30 * 60_000);
    expect(codeOf((await desk.visit('/v1/console/self', set)).text)).toBe('token_invalid');
  });

  it('is nobody from the moment on at which the directory no longer lists the bureau as one', async () => {
    const { set } = await desk.signIn('central.publisher');
    desk.listedAs(['lender']);
    expect((await desk.visit('/v1/console/batches', set)).status).toBe(403);
    desk.reset();
    expect((await desk.visit('/v1/console/batches', set)).status).toBe(200);
  });
});

describe('what the bureau’s entry says counts at each request', () => {
  it('a role that it no longer lists is gone, and what it lists is still there', async () => {
    const { set } = await desk.signIn('central.publisher');
    desk.listed.roles = ['auditor'];
    expect((await desk.visit('/v1/console/self', set)).status).toBe(403);
    desk.listed.roles = ['auditor', 'publisher'];
    expect((await desk.visit('/v1/console/batches', set)).status).toBe(200);
  });

  it('a suspended bureau’s staff are out at once, but for who handles disputes', async () => {
    const [publisher, handler] = await Promise.all(
      ['central.publisher', 'central.dispute_handler'].map(async (who) => await desk.signIn(who)),
    );
    desk.listed.status = 'suspended';
    expect((await desk.visit('/v1/console/batches', publisher?.set)).status).toBe(403);
    expect((await desk.visit('/v1/console/self', publisher?.set)).status).toBe(403);
    expect((await desk.visit('/v1/console/disputes', handler?.set)).status).toBe(200);
    expect((await desk.signIn('central.publisher')).status).toBe(403);
  });
});

describe('nothing is opened', () => {
  it('for somebody without a second factor, who is told so in words', async () => {
    const before = await opened();
    const { set, status, text } = await desk.signIn('central.one_factor');
    expect([status, set.size]).toEqual([403, 0]);
    expect(text).toContain('需要第二种验证方式');
    expect(text).toContain('A second factor is needed');
    expect(await opened()).toBe(before);
  });

  it.each([
    ['another member’s staff', 'lotus.publisher'],
    ['somebody without a role', 'central.visitor'],
  ])('for %s, who is told so in words', async (_, person) => {
    const before = await opened();
    const { set, status, text, type } = await desk.signIn(person);
    expect([status, type, set.size]).toEqual([403, 'text/html; charset=utf-8', 0]);
    expect(text).toContain('您在本机构没有岗位角色');
    expect(text).toContain('You have no role at this institution');
    expect(await opened()).toBe(before);
  });

  it('for a person of the portal’s', async () => {
    const before = await opened();
    expect((await desk.signIn('li-na', 'portal')).status).toBe(403);
    expect(await opened()).toBe(before);
  });

  it('while the directory does not list this bureau as one', async () => {
    const before = await opened();
    desk.listedAs(['lender']);
    expect((await desk.signIn('central.publisher')).status).toBe(403);
    expect(await opened()).toBe(before);
  });

  it('by a return without a flow, of another flow, a second time, or too late', async () => {
    const [begun, foreign] = [await desk.visit('/v1/sign-in'), await desk.visit('/v1/sign-in')];
    const back = await desk.atProvider(begun.to, 'central.publisher');
    const before = await opened();
    const portals = new Map([...begun.set].map(([, value]) => ['__Host-causeway-consumer-sign-in', value]));
    for (const cookies of [new Map(), foreign.set, portals]) {
      expect(codeOf((await desk.visit(back, cookies)).text)).toBe('token_invalid');
    }
    expect(await opened()).toBe(before);
    expect((await desk.visit(back, begun.set)).status).toBe(303);
    expect((await desk.visit(back, begun.set)).status).toBe(401);
    const late = await desk.visit('/v1/sign-in');
    const stale = await desk.atProvider(late.to, 'central.publisher');
    desk.pass(10 * 60_000);
    expect(codeOf((await desk.visit(stale, late.set)).text)).toBe('token_invalid');
    desk.reset();
    expect(await opened()).toBe(before + 2);
  });

  it('by a code that another client was given', async () => {
    const before = await opened();
    const taken = await desk.signIn('central.publisher', 'other', 'console');
    expect([taken.status, taken.set.size]).toEqual([401, 0]);
    expect(await opened()).toBe(before);
  });

  it('by a cookie of another service, or of another name', async () => {
    const { set } = await desk.signIn('central.publisher');
    const session = set.get(sessionName) ?? '';
    const others: Jar[] = [
      new Map([['__Host-causeway-consumer', session]]),
      new Map([['causeway-bureau', session]]),
      new Map([[sessionName, 'A'.repeat(43)]]),
    ];
    for (const cookies of others) expect((await desk.visit('/v1/console/self', cookies)).status).toBe(401);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example'])(
    'with a return to %j',
    async (to) => {
      const answer = await desk.visit(`/v1/sign-in?return_to=${encodeURIComponent(to)}`);
      expect([answer.status, answer.set.size]).toEqual([400, 0]);
    },
  );
});
