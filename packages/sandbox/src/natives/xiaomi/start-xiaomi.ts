import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SandboxSubject } from '../../people/persons.ts';
import type { Holding, NativeSystem, RosterEntry } from '../native-system.ts';
import { dataJson, replyBytes } from './answer.ts';
import { deliver } from './deliver.ts';
import type { XiaomiQuirks } from './quirks.ts';
import { requestOf, type NativeRequest } from './request.ts';

const settingsBase = { source: 'xiaomi', partner_id: 'causeway', key: 'not-a-secret-of-anybody' } as const;
const idTypes: Partial<Record<SandboxSubject['identifier']['scheme'], string>> = {
  gb11643: '01',
  passport: '02',
};
const requestBytesMax = 65_536;

interface XiaomiOptions {
  readonly scoreRange?: { readonly min: number; readonly max: number };
  /** Subjects who have agreed to nothing, by their stable names. */
  readonly unauthorised?: readonly string[];
}

/** The simulated system, and how it misbehaves now. */
export interface XiaomiSystem extends NativeSystem {
  readonly quirks: XiaomiQuirks;
  /** The request numbers that were answered, a repeated one once for each time. */
  readonly asked: readonly string[];
}

interface Person {
  readonly uid: string;
  readonly holding: Holding;
}

/** Starts a Xiaomi-like credit system on a free port, with these people in it; enterprises have no place. */
export async function startXiaomi(
  holdings: readonly Holding[],
  { scoreRange = { min: 300, max: 850 }, unauthorised = [] }: XiaomiOptions = {},
): Promise<XiaomiSystem> {
  const persons = holdings
    .filter(({ subject }) => idTypes[subject.identifier.scheme] !== undefined)
    .map((holding, at) => ({ uid: `XM${String(at + 1).padStart(10, '0')}`, holding }));
  const quirks: XiaomiQuirks = {};
  const asked: string[] = [];
  const first = new Map<string, string>();

  const answer = (form: string): Uint8Array => {
    const request = requestOf(form, settingsBase.partner_id, settingsBase.key);
    if (quirks.code !== undefined) return replyBytes(quirks.code, undefined, quirks);
    if (typeof request === 'string') return replyBytes(request, undefined, quirks);
    asked.push(request.reqNo);
    // A request number stands for one question for ever.
    if ((first.get(request.reqNo) ?? request.data) !== request.data)
      return replyBytes('1002', undefined, quirks);
    first.set(request.reqNo, request.data);
    const person = persons.find((one) => isMeant(one, request));
    if (person === undefined) return replyBytes('2001', undefined, quirks);
    if (unauthorised.includes(person.holding.subject.id)) return replyBytes('2002', undefined, quirks);
    return replyBytes('0000', dataJson(person.uid, person.holding), quirks);
  };

  const server = createServer((request, response) => {
    // Who asks may go away at any time; the next question is answered all the same.
    serve(request, response, answer, quirks).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      ...settingsBase,
      url: `http://127.0.0.1:${port}`,
      score_range: scoreRange,
      lender_ref: 'xiaomi-loan',
    },
    roster: persons.map(rosterEntry),
    quirks,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (form: string) => Uint8Array,
  quirks: XiaomiQuirks,
): Promise<void> {
  const type = request.headers['content-type'];
  const right = request.method === 'POST' && request.url === '/openapi/credit/query';
  if (!right || type !== 'application/x-www-form-urlencoded; charset=GBK') {
    response.writeHead(404).end();
    return;
  }
  let form = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    form += chunk.toString('latin1');
    if (form.length > requestBytesMax) return void response.destroy();
  }
  await deliver(response, answer(form), quirks);
}

function isMeant({ holding, uid }: Person, { who }: NativeRequest): boolean {
  if (who.uid !== undefined) return who.uid === uid;
  const { scheme, value } = holding.subject.identifier;
  return who.idType === idTypes[scheme] && who.id === value;
}

function rosterEntry({ holding: { subject }, uid }: Person): RosterEntry {
  return { scheme: subject.identifier.scheme, id: subject.identifier.value, name: subject.name, handle: uid };
}
