import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '@causeway/kernel/system';
import { type Digest, sha256Digest } from '@causeway/protocol/digest';
import { kidOf } from '@causeway/protocol/keys';
import { verifyDirectory } from '@causeway/protocol/directory';
import { type TrustedRoot, verifyRoot } from '@causeway/protocol/root-chain';
import { freePort } from '@causeway/sandbox/ports';
import { type TestDatabase, testDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeRequest } from './certificates/request-for-tests.ts';
import { makeApplicant } from './test-kit/applicant.ts';
import { type Answer, type Credentials, admit, callFederation, get, post } from './test-kit/calls.ts';
import { actPayload, signAct } from './test-kit/officers.ts';
import { outcomeOf } from './test-kit/outcome.ts';
import { type RunningAuthority, startAuthority } from './test-kit/running-authority.ts';
import { queryOwner } from './test-kit/written.ts';

let database: TestDatabase;
let authority: RunningAuthority;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'authority' });
  authority = await startAuthority({ databaseUrl: database.url, port: await freePort() });
});

afterAll(async () => {
  await authority.stop();
  await database.drop();
});

const outcome = (send: () => Promise<Answer>) => outcomeOf(database.ownerUrl, send);

async function newBureau(id: string): Promise<Credentials> {
  const made = makeApplicant(authority.fed, id, 'bureau');
  const application = await admit(authority, made);
  const { body } = await get(`${authority.url}/v1/applications/${application}`);
  return { key: made.tlsKeyPem ?? '', cert: String(body['certificate']), ca: String(body['ca']) };
}

/** Sends an act of both officers, or of as many as are given, with what comes beside it. */
async function enact(act: Record<string, unknown>, beside: object = {}, officers = authority.officers.keys) {
  const signed = signAct(actPayload(authority.fed, act), officers);
  return await post(`${authority.url}/v1/members/${String(act['member'])}/acts`, { act: signed, ...beside });
}

const thumbprintOf = (pem: string): string =>
  new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

async function listed(member: string): Promise<string[]> {
  const text = `SELECT e.body FROM member m JOIN member_entry e ON e.digest = m.entry
    WHERE m.id = '${member}'`;
  const [row] = await queryOwner(database.ownerUrl, text);
  return (JSON.parse(String(row?.['body'])) as { certificates: string[] }).certificates;
}

describe('S11 S29 certificates', () => {
  const time = (by: Partial<Credentials> & { agent?: Agent }) =>
    callFederation(authority.federationPort, '/v1/time', by);

  test('S11 a second one is issued for the member’s request, and both are good', async () => {
    const first = await newBureau('north');
    const { csr, keyPem } = makeRequest();
    const act = { act: 'add_certificate', member: 'north', csr: sha256Digest(csr) };
    const { status, body } = await enact(act, { csr });
    expect(status).toBe(200);
    const second = { key: keyPem, cert: String(body['certificate']), ca: String(body['ca']) };
    expect(await listed('north')).toEqual([first, second].map(({ cert }) => thumbprintOf(cert)));
    const leaves = await queryOwner(
      database.ownerUrl,
      'SELECT digest FROM leaf UNION SELECT digest FROM leaf_staging',
    );
    expect(leaves).toContainEqual({ digest: sha256Digest(second.cert) });
    for (const each of [first, second]) expect((await time(each)).status).toBe(200);
  });

  test('S29 one that is removed is nobody’s at once: for new connections and for open ones', async () => {
    const bureau = await newBureau('south');
    const agent = new Agent({ ...bureau, keepAlive: true, maxSockets: 1 });
    try {
      expect((await time({ agent })).status).toBe(200);
      const act = { act: 'remove_certificate', member: 'south', thumbprint: thumbprintOf(bureau.cert) };
      expect((await enact(act)).status).toBe(200);
      for (const by of [{ agent }, bureau]) expect((await time(by)).body['code']).toBe('member_unknown');
    } finally {
      agent.destroy();
    }
  });

  test('the same act again issues nothing and answers with the same certificate', async () => {
    await newBureau('east');
    const { csr } = makeRequest();
    const payload = actPayload(authority.fed, {
      ...{ act: 'add_certificate', member: 'east', csr: sha256Digest(csr) },
    });
    const body = { act: signAct(payload, authority.officers.keys), csr };
    const send = () => post(`${authority.url}/v1/members/east/acts`, body);
    const answers = [await send(), await send(), ...(await Promise.all([send(), send()]))];
    expect(new Set(answers.map((answer) => String(answer.body['certificate']))).size).toBe(1);
    expect(await listed('east')).toHaveLength(2);
  });

  test('S33 S18 nobody is given one by one officer, for another request, or for a weak key', async () => {
    await newBureau('west');
    const { csr } = makeRequest();
    const act = { act: 'add_certificate', member: 'west', csr: sha256Digest(csr) };
    const weak = makeRequest({ bits: 1024 }).csr;
    const { keys } = authority.officers;
    const other = makeRequest().csr;
    const attempts: [() => Promise<Answer>, number, string][] = [
      [() => enact(act, { csr }, [keys[0], keys[0]]), 403, 'approval_insufficient'],
      [() => enact(act, { csr: other }), 400, 'digest_mismatch'],
      [() => enact(act), 400, 'bad_request'],
      [() => enact({ ...act, csr: sha256Digest(weak) }, { csr: weak }), 400, 'weak_key'],
      [() => enact({ ...act, csr: sha256Digest('x') }, { csr: 'x' }), 400, 'application_invalid'],
      [() => enact({ act: 'suspend', member: 'west' }, { csr }), 400, 'bad_request'],
      [() => enact({ ...act, member: 'nobody' }, { csr }), 404, 'not_found'],
      [
        () => enact({ act: 'remove_certificate', member: 'west', thumbprint: 'a'.repeat(64) }),
        404,
        'not_found',
      ],
    ];
    for (const [send, status, code] of attempts)
      expect(await outcome(send)).toEqual([status, code, 'nothing written']);
    expect(await listed('west')).toHaveLength(1);
  });
});

describe('S11 the root and the directory key, on the running authority', () => {
  const ceremony = async (name: string, ...options: string[]): Promise<Record<string, unknown>> => {
    const all = [join(import.meta.dirname, 'ceremony.ts'), name, '--dir', authority.dir, ...options];
    const { stdout } = await promisify(execFile)(process.execPath, all, { env: {} });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const proposal = (): string => join(authority.dir, 'proposal.json');
  const nextRoot = async (keys: string[], ...options: string[]): Promise<Record<string, unknown>> => {
    await ceremony('propose-root', '--proposal', proposal(), ...options);
    const holders = keys.flatMap((name) => ['--key', join(authority.dir, 'offline', name)]);
    await ceremony('sign-root', '--proposal', proposal(), ...holders);
    return await ceremony('publish-root', '--proposal', proposal());
  };
  const root = async (): Promise<TrustedRoot> => {
    const files: unknown = await (await fetch(`${authority.url}/roots`)).json();
    return verifyRoot(files as unknown[], authority.anchor as Digest, systemClock.now());
  };
  const head = async () => {
    const { body } = await get(`${authority.url}/directory`);
    return verifyDirectory(String(body['head']), await root(), systemClock.now());
  };
  const kids = ({ keys }: TrustedRoot): string[] => keys.map((key) => kidOf(key.member, key.jwk));

  test('S11 both keys are named, one signs, and then the other, without a restart', async () => {
    const [old = ''] = kids(await root());
    const both = ['root.jwk', 'root-v2-1.jwk'];
    expect(await nextRoot(both, '--new-directory-key', '--root-keys', '1')).toMatchObject({ version: 2 });
    await expect.poll(async () => (await head()).claims.root?.version, { timeout: 15_000 }).toBe(2);
    const [, young = ''] = kids(await root());
    expect((await head()).kid).toBe(old);
    await ceremony('use-directory-key', '--kid', young);
    await expect.poll(async () => (await head()).kid, { timeout: 15_000 }).toBe(young);
    const only = await nextRoot(['root-v2-1.jwk'], '--drop-directory-key', old);
    await expect
      .poll(async () => (await head()).claims.root, { timeout: 15_000 })
      .toEqual({
        version: 3,
        digest: only['fingerprint'],
      });
    expect(kids(await root())).toEqual([young]);
    expect(await (await fetch(`${authority.url}/root`)).json()).toEqual((await root()).file);
    const ready = await fetch(`${authority.url}/readyz`);
    expect(ready.status).toBe(200);
  });

  test('a ceremony that cannot be says why in one sentence, and changes nothing', async () => {
    const before = (await root()).version;
    for (const options of [['use-directory-key', '--kid', 'authority:x'], ['nothing'], ['publish-root']]) {
      const [name = '', ...more] = options;
      await expect(ceremony(name, ...more)).rejects.toThrow(/Command failed/u);
    }
    await ceremony('propose-root', '--proposal', proposal());
    const unsigned = ceremony('publish-root', '--proposal', proposal());
    await expect(unsigned).rejects.toThrow(/directory_invalid/u);
    expect((await root()).version).toBe(before);
  });
});
