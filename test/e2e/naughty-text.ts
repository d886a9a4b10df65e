import { readFileSync } from 'node:fs';
import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { generateKey } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubjects, type SandboxSubject } from '@causeway/sandbox/people/persons';
import { sessionNonce } from '@causeway/sdk';
import { beforeAll, expect, test } from 'vitest';
import { type Answer, request } from './answers.ts';
import { applicationOf, apply, proofBy, publicHalf } from './applicant.ts';
import { tokensOf } from './token-client.ts';

/** Markup, other languages' escapes, formulas, line breaks, and text that no encoding or eye agrees on. */
const NAUGHTY = [
  ...['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'; DROP TABLE access; --", '${7*7}'],
  ...['{{7*7}}', '%s%n%x', '$(reboot)', '`id`', '../../../etc/passwd', 'javascript:alert(1)', '\\', '"', "'"],
  ...['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://a")', '\t=1', 'a,b;c', '"",""'],
  ...['a\nb', 'a\r\nb', 'a\r\n\r\n{"level":50}', 'a\u2028b', 'a\u2029b', 'a\u0085b', 'a\u000bb', 'a\tb'],
  ...['a\u0000b', '\u0000', '\u001b[31mred', 'a\u007fb', '\ud800', 'a\udc00b', '\ufeffa', '\ufffd', '\uffff'],
  ...['\u202egnp.exe', 'a\u200bb', 'a\u200db', '\u2066a\u2069', 'e\u0301', '\u00e9', 'ﬀ', '①', '　'],
  ...['𠮷', '👩‍👩‍👧', '🏳️‍🌈', 'Z͑ͫ̓a̸l͠g̷o'],
  ...['田中さん', 'ثم نفس', 'ÅÍÎÏ', 'null', 'undefined', 'NaN', 'true', '0', ' '],
  ...['__proto__', 'constructor', 'toString', '{"a":1}', '[]', 'x'.repeat(160), '龦'.repeat(80)],
];

let federation: Federation;
let people: SandboxSubject[];
/** Of each person, for the text at the same place. */
const sessions: Record<string, string>[] = [];

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'idempotency-key': freshId(), ...headers },
  body: JSON.stringify(body),
});
const freshId = (): string => uuidv7(systemClock, systemRandom);
const consumer = (path: string): string => federation.url('consumer') + path;

async function sessionOf(at: number): Promise<Record<string, string>> {
  const person = people[at] as SandboxSubject;
  const token = await federation.idToken(person, sessionNonce(freshId()));
  return { authorization: `Bearer ${await federation.subject().openSession(token)}` };
}

/** Sends each text once; what was taken must be read back as it was sent, and nothing else was said. */
async function eachText(
  send: (text: string, at: number) => Promise<Answer & { read?: () => Promise<unknown> }>,
): Promise<{ taken: number; refused: number; faults: string[] }> {
  const came = await Promise.all(
    NAUGHTY.map(async (text, at) => {
      const { code, read, status } = await send(text, at);
      const shown = JSON.stringify(text);
      if (status === 400 && code === 'bad_request') return 'refused';
      if (status !== 201 && status !== 202) return `${shown}: ${status} ${code}`;
      const back = await read?.();
      return back === text ? 'taken' : `${shown} came back as ${JSON.stringify(back)}`;
    }),
  );
  const of = (what: string): number => came.filter((one) => one === what).length;
  const faults = came.filter((one) => one !== 'taken' && one !== 'refused');
  return { taken: of('taken'), refused: of('refused'), faults };
}

/** Sends all of it into every field that takes free text; in somebody's federation, once that is there. */
export function naughtyTextTests(world: () => Federation): void {
  beforeAll(async () => {
    federation = world();
    people = sandboxSubjects(NAUGHTY.length, 0);
    for (const at of NAUGHTY.keys()) sessions.push(await sessionOf(at));
  });
  test('S74 naughty text comes back as it was sent, or is refused: in what a person disputes', inDisputes);
  test('S74 naughty text: in what a person warns lenders of', inWarnings);
  test('S74 naughty text: in what a lender declares, where it is one line of the form', inDeclaredProducts);
  test('S74 naughty text: in the name of who wants to become a member', inNamesOfApplicants);
  test('S74 naughty text: no line of a log is split by it, or has it', inLogs);
}

async function inDisputes(): Promise<void> {
  const { faults, taken } = await eachText(async (text, at) => {
    const session = sessions[at] ?? {};
    const body = { bureau: 'central', record: 'x-1', reason: 'wrong_amount', text };
    const answer = await request(consumer('/v1/disputes'), json(body, session));
    const one = consumer(`/v1/disputes/${String(answer.body['id'])}`);
    return { ...answer, read: async () => (await request(one, { headers: session })).body['text'] };
  });
  expect(faults).toEqual([]);
  expect(taken).toBeGreaterThan(40);
}

async function inWarnings(): Promise<void> {
  const { faults, refused, taken } = await eachText(async (text, at) => {
    const session = sessions[at] ?? {};
    const answer = await request(consumer('/v1/fraud-alerts'), json({ text, days: 1 }, session));
    const read = async () => {
      const { body } = await request(consumer('/v1/fraud-alerts'), { headers: session });
      return (body['items'] as { text: string }[])[0]?.text;
    };
    return { ...answer, read };
  });
  expect(faults).toEqual([]);
  expect([refused > 15, taken > 30]).toEqual([true, true]);
}

async function inDeclaredProducts(): Promise<void> {
  const tokens = tokensOf(federation, 'abc-bank');
  const [subjectRef = ''] = await federation
    .lender('abc-bank')
    .subjectRefs([(people[0] as SandboxSubject).identifier]);
  const url = consumer('/v1/consent-requests');
  const lines = new Set<number>();
  const { faults, taken } = await eachText(async (name) => {
    const authorised = await tokens.headers('consumer', 'consent.request', 'POST', url);
    const product = { name, amount: '1.00', currency: 'CNY', apr: '7.2' };
    const answer = await request(url, json({ ...terms(subjectRef), product }, authorised));
    const { text } = (answer.body['form'] ?? { text: '' }) as { text: string };
    if (answer.status === 201) lines.add(text.split(/\r\n|[\n\r\u0085\u2028\u2029]/u).length);
    return { ...answer, read: async () => await Promise.resolve(text.includes(name) ? name : text) };
  });
  expect(faults).toEqual([]);
  expect(taken).toBeGreaterThan(30);
  expect(lines.size).toBe(1);
}

async function inNamesOfApplicants(): Promise<void> {
  const { faults, taken } = await eachText(async (legalName, at) => {
    const [statement, auth] = [generateKey(), generateKey()];
    const { body } = applicationOf(federation, {
      ...{ id: `newcomer-${at}`, role: 'lender', legalName },
      ...{ statementKey: publicHalf(statement), authKey: publicHalf(auth) },
      prove: (claims, key) => proofBy(claims, key === 'auth' ? auth : statement),
    });
    const answer = await apply(federation, body);
    const code = answer.body['code'] as string;
    const sent = (body as { legal_name?: string }).legal_name;
    return {
      ...{ ...answer, code, pointers: [], requestId: '', ms: 0 },
      read: async () => await Promise.resolve(sent),
    };
  });
  expect(faults).toEqual([]);
  expect(taken).toBeGreaterThan(30);
}

function inLogs(): void {
  for (const [name, process] of federation.processes) {
    const lines = readFileSync(process.logFile, 'utf8').split('\n').filter(Boolean);
    const broken = lines.filter((line) => !isJsonObject(line));
    expect([name, broken]).toEqual([name, []]);
    expect([name, lines.filter((line) => line.includes('alert(1)'))]).toEqual([name, []]);
    expect(lines.length).toBeGreaterThan(0);
  }
}

const terms = (subjectRef: string) => ({
  ...{ subject_ref: subjectRef, kind: 'query', purposes: ['LOAN_APPROVAL'], categories: ['ACCOUNT_SUMMARY'] },
  ...{ bureaus: ['central'], valid_days: 30, fetch: 'once', max_uses: 1, recipient_retention: 'P1Y' },
  language: 'en',
});

function isJsonObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}
