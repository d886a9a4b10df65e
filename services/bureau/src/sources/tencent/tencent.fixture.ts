import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Category, CreditRecord } from '@causeway/records';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { startTencent, type TencentOptions } from '@causeway/sandbox/natives/tencent/start-tencent';
import { Compile } from 'typebox/compile';
import { onTestFinished } from 'vitest';

import { SourceFault } from '../source-fault.ts';
import type { Moment, NativeSubject } from '../source.ts';
import { openTencent } from './open-tencent.ts';
import { TencentSettingsSchema, type TencentSettings } from './settings.ts';

/** In Shanghai it is already the 23rd. */
export const nowMs = Date.UTC(2026, 10, 22, 18, 30, 0);
export const clock = { now: () => nowMs, monotonic: () => 0 };
export const scores: readonly Category[] = ['SCORE', 'WATCHLIST'];

const { identifier, name } = sandboxSubject('li-na');
export const liNa: NativeSubject = { identifier, name };

const score = {
  record: 'score',
  category: 'SCORE',
  source_record_id: 'n',
  native_scheme: 'tencent',
} as const;
const risky = { model: 'tencent-af', min: 0, max: 100, direction: 'higher_riskier' } as const;

/** A person with everything that the system can say. */
export const wholeFile: readonly CreditRecord[] = [
  {
    ...score,
    record_id: 'credit',
    as_of: '2018-06-26',
    model: 'tencent-credit',
    min: 300,
    max: 850,
    direction: 'higher_safer',
    value: 712,
    native_ext: {
      'Indices.Lvyue': '88',
      'Indices.Anquan': '91',
      'Indices.Caifu': '40',
      'Indices.Xiaofei': '0',
    },
  },
  { ...score, ...risky, record_id: 'risk', as_of: '2026-11-20', value: 37 },
  { ...score, ...risky, record_id: 'other', as_of: '2026-11-20', model_version: '2', value: 41 },
  {
    record: 'watchlist',
    category: 'WATCHLIST',
    record_id: 'entry',
    source_record_id: 'n',
    as_of: '2026-11-20',
    list: 'tencent_af',
    sector: 'anti_fraud',
    risk_type: 'dishonest_debtor',
    risk_code: '7',
    severity: 3,
    amount: { amount_minor: '123456', currency: 'CNY' },
    occurred: '2025-01-01',
    native: { risk_type: '7' },
    native_scheme: 'tencent',
  },
];

export function moment(parts: Partial<Moment> = {}): Moment {
  return {
    nowMs,
    purpose: 'LOAN_APPROVAL',
    inquiry: 'sha-256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    signal: new AbortController().signal,
    ...parts,
  };
}

/** The played system with one person in it, and the adapter before it, until the test ends. */
export async function world(
  records: readonly CreditRecord[] = wholeFile,
  parts: Partial<TencentOptions> & { settings?: Partial<TencentSettings> } = {},
) {
  const system = await startTencent({
    holdings: [{ subject: sandboxSubject('li-na'), records }],
    clock,
    ...parts,
  });
  onTestFinished(() => system.stop());
  const settings = settingsOf({ ...system.settings, ...parts.settings });
  return { system, settings, source: openTencent(settings, { clock }) };
}

const checker = Compile(TencentSettingsSchema);

export function settingsOf(value: unknown): TencentSettings {
  if (checker.Check(value)) return value;
  throw new TypeError('these are no settings');
}

/** A server that replies as it is told, and an adapter before it. */
export async function replying(parts: Partial<TencentSettings> = {}) {
  const state: { reply: (response: ServerResponse) => void } = { reply: (response) => response.end() };
  const server = createServer((request, response) => {
    request.resume().on('end', () => state.reply(response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const settings = settingsOf({
    source: 'tencent',
    url: `http://127.0.0.1:${port}`,
    host: 'af.tencentcloudapi.com',
    region: 'ap-guangzhou',
    secret_id: 'id',
    secret_key: 'key',
    customer_uin: '1',
    customer_appid: '1',
    scene: '1',
    id_crypto: 'md5',
    ...parts,
  });
  return { state, source: openTencent(settings, { clock }) };
}

/** The class of the fault with which a question fails; whatever else happens fails the test. */
export async function faultOf(question: Promise<unknown>): Promise<SourceFault> {
  const outcome = await question.then(
    () => 'an answer',
    (error: unknown) => error,
  );
  if (outcome instanceof SourceFault) return outcome;
  throw new Error('no fault of a source', { cause: outcome });
}

/** Records without the numbers that the system gives anew with each reply. */
export function facts(records: readonly CreditRecord[]): object[] {
  return records.map(({ record_id: _id, source_record_id: _source, ...rest }) => rest);
}
