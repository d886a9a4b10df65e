import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { type TLSSocket, connect } from 'node:tls';
import { systemClock, systemRandom } from '@causeway/kernel';
import type { EvidenceBundle } from '@causeway/protocol';
import { kidOf, readUnverified } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { issueCertificate, removeCertificate, thumbprintIn } from '@causeway/sandbox/rotation/certificates';
import { addKey, revokeKey } from '@causeway/sandbox/rotation/statement-keys';
import { type Agreed, agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { Lender } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendStatement } from './answers.ts';
import { SteadyLoad } from './steady-load.ts';

const LENDER = 'abc-bank';
/** The bound of S29; nodes poll every five seconds. */
const BOUND_MS = 10_000;
const terms = usualTerms(['central', 'lotus', 'harbour'], 100_000);

let federation: Federation;
let agreed: Agreed;

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  agreed = await agree(federation, federation.lender(LENDER), sandboxSubject('li-na'), terms);
});
afterAll(() => stopTestFederation(federation));

/** A lender's client that holds only one of its keys. */
function lenderWith(key: ReturnType<Federation['keys']>['statement']): Lender {
  return new Lender({
    ...{ member: LENDER, fed: federation.ceremony.fed, authorityUrl: federation.url('authority') },
    ...{ anchor: federation.card.anchor, statementKey: key, authKey: federation.keys(LENDER).auth },
    ...{ clock: systemClock, random: systemRandom },
  });
}

/** How long it took until `act` came to this code; what else it comes to before does not count. */
async function msUntil(code: string, act: () => Promise<string>): Promise<number> {
  const startedAt = performance.now();
  while ((await act()) !== code) {
    if (performance.now() - startedAt > 3 * BOUND_MS) throw new Error(`it never came to ${code}`);
  }
  return performance.now() - startedAt;
}

describe('S11 a key is revoked under load', () => {
  test('S11 a lender’s: what it signs is refused at once, and its other key goes on', async () => {
    const old = federation.keys(LENDER).statement;
    const { signs } = await addKey(federation, LENDER);
    await signs();
    const load = new SteadyLoad({ lender: () => federation.lender(LENDER), agreed, terms });
    load.start(2);
    await load.more(3);
    const thief = lenderWith(old);
    const sent = async (): Promise<string> => {
      const { jws } = await thief.sign(questionNow());
      const { status, code } = await sendStatement(federation.url('broker'), jws);
      return status === 202 ? 'accepted' : code;
    };
    expect(await sent()).toBe('accepted');
    await revokeKey(federation, LENDER, kidOf(LENDER, old));
    expect(await msUntil('key_revoked', sent)).toBeLessThan(BOUND_MS);
    for (let n = 0; n < 20; n += 1) expect(await sent()).toBe('key_revoked');
    await load.more(3);
    await load.stop();
    expect(load.failures).toEqual([]);
  });

  test('S11 a bureau’s: no disclosure by it counts any more, and its other key signs', async () => {
    const old = kidOf('lotus', federation.keys('lotus').statement);
    const young = await addKey(federation, 'lotus');
    await revokeKey(federation, 'lotus', old);
    // Until every node has heard of it, an answer may lack that bureau, or be refused by the lender's client.
    const signers = async (): Promise<string> => {
      const lender = federation.lender(LENDER);
      const asked = await inquireUnder(lender, agreed, terms, { deadlineSeconds: 4 }).catch(codeOf);
      if (typeof asked === 'string') return asked;
      const { id, report } = asked;
      if (report.claims.exposure.lower_bound) return 'partial';
      // Where witnesses saw the leaf after the revocation, this is no evidence any more.
      const text = await lender.evidence(id, { withinMs: 0 }).catch(codeOf);
      if (!text.startsWith('{')) return text;
      const bundle = JSON.parse(text) as EvidenceBundle;
      const kids = bundle.disclosures.map((jws) => readUnverified(jws).header.kid);
      return kids.find((kid) => kid.startsWith('lotus:')) ?? 'none';
    };
    expect(await msUntil(young.kid, signers)).toBeLessThan(2 * BOUND_MS);
    for (let n = 0; n < 10; n += 1) expect(await signers()).toBe(young.kid);
  });

  const codeOf = (error: unknown): string => String(Reflect.get(Object(error), 'code'));

  const questionNow = () => ({
    ...{ subjectRef: agreed.subjectRef, consent: agreed.digest, operator: 'op-1' },
    ...{ purpose: terms.purpose, categories: terms.categories, deadlineSeconds: 20 },
  });
});

describe('S29 a certificate is revoked', () => {
  const file = (member: string, name: string): string =>
    readFileSync(join(federation.home, 'keys', member, name), 'utf8');
  const pair = (member: string, suffix: string) => ({
    key: file(member, `tls-key${suffix}.pem`),
    cert: file(member, `tls-cert${suffix}.pem`),
    ca: file(member, 'ca-cert.pem'),
  });

  /** One call to a federation listener; the code it is refused with, or `heard` where its sender is known. */
  function heard(member: string, agent: Agent): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const port = federation.ports.federation(member);
    const headers = { 'content-type': 'application/json' };
    const path = member === 'authority' ? '/v1/subject-refs' : '/v1/disclosures';
    const call = request({ host: 'localhost', port, path, method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const { code } = JSON.parse(text) as { code: string };
        resolve(code === 'member_unknown' ? code : 'heard');
      });
    });
    call.on('error', reject);
    call.end('{}');
    return promise;
  }

  test('S29 of a client: within ten seconds nobody hears it, on new, resumed or open sockets', async () => {
    const stolen = pair('broker', '');
    const nodes = ['authority', 'central', 'harbour'];
    const open = nodes.map((node) => ({
      node,
      agent: new Agent({ ...stolen, keepAlive: true, maxSockets: 1 }),
    }));
    for (const { node, agent } of open) expect(await heard(node, agent)).toBe('heard');
    const sessions = await Promise.all(nodes.map((node) => sessionWith(node, stolen)));
    await issueCertificate(federation, 'broker');
    await removeCertificate(federation, 'broker', thumbprintIn(federation, 'broker', ''));
    const times = open.map(({ node, agent }) => msUntil('member_unknown', () => heard(node, agent)));
    expect(Math.max(...(await Promise.all(times)))).toBeLessThan(BOUND_MS);
    for (const [at, node] of nodes.entries()) {
      expect(await heard(node, new Agent(stolen))).toBe('member_unknown');
      for (const session of sessions[at] ?? []) {
        const resumed = new Agent({ ...stolen, session });
        expect([node, await heard(node, resumed)]).toEqual([node, 'member_unknown']);
      }
    }
    for (const { agent } of open) agent.destroy();
    // The broker itself speaks with its other certificate.
    await expect.poll(complete, { timeout: 60_000 }).toBe(true);
  });

  test('S29 of a server: within ten seconds nobody calls it, and it is back with its next one', async () => {
    expect(await complete()).toBe(true);
    for (const each of certificates('harbour')) await removeCertificate(federation, 'harbour', each);
    const startedAt = performance.now();
    while (await answered('harbour')) expect(performance.now() - startedAt).toBeLessThan(2 * BOUND_MS);
    for (let n = 0; n < 5; n += 1) expect(await answered('harbour')).toBe(false);
    await issueCertificate(federation, 'harbour');
    await expect.poll(complete, { timeout: 60_000 }).toBe(true);
  });

  const certificates = (member: string): string[] => [thumbprintIn(federation, member, '')];

  const report = async () =>
    (await inquireUnder(federation.lender(LENDER), agreed, terms, { deadlineSeconds: 4 })).report.claims;

  async function answered(bureau: string): Promise<boolean> {
    const row = (await report()).manifest.find((each) => each.bureau === bureau);
    return ['answered', 'empty', 'not_found'].includes(row?.outcome ?? '');
  }

  const complete = async (): Promise<boolean> => !(await report()).exposure.lower_bound;

  /** What a server gives a client to come back with: session tickets, if it gives any. */
  async function sessionWith(member: string, tls: ReturnType<typeof pair>): Promise<Buffer[]> {
    const found: Buffer[] = [];
    const port = federation.ports.federation(member);
    const socket: TLSSocket = connect({ host: 'localhost', port, ...tls });
    socket.on('session', (session: Buffer) => found.push(session));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.on('error', reject);
    socket.on('data', () => resolve());
    socket.write('GET /v1/time HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await promise;
    const own = socket.getSession();
    socket.destroy();
    return own === undefined ? found : [...found, own];
  }
});
