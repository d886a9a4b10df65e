import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { systemRandom } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import type { RecordOf } from '@causeway/records/record';
import { sandboxSubject } from '@causeway/sandbox';
import type { Holding, RosterEntry } from '@causeway/sandbox/natives/native-system';
import { expect } from 'vitest';

import { SourceFault } from '../source-fault.ts';
import type { Finding, Moment, NativeSource, NativeSubject } from '../source.ts';
import { openZhima } from './open-zhima.ts';

/** 2026-11-24 10:00 in Shanghai. */
const nowMs = Date.UTC(2026, 10, 24, 2);
export const today = '2026-11-24';

/** A clock that stands until it is moved. */
export function handClock(): Clock & { ms: number } {
  return {
    ms: nowMs,
    now() {
      return this.ms;
    },
    monotonic() {
      return this.ms;
    },
  };
}

export const score: RecordOf<'score'> = {
  ...{ record: 'score', category: 'SCORE', record_id: 's1', source_record_id: 's1', as_of: today },
  ...{ model: 'zhima.credit.score', value: 712, min: 350, max: 950, direction: 'higher_safer' },
};

export const entry: RecordOf<'watchlist'> = {
  ...{ record: 'watchlist', category: 'WATCHLIST', record_id: 'zhima.watchlist.e-1' },
  ...{ source_record_id: 'e-1', as_of: '2017-05-24', refreshed_on: '2017-05-24' },
  ...{ list: 'zhima.watchlistii', sector: 'credit', risk_type: 'overdue', risk_code: 'AA001003' },
  ...{ severity: 2, settled: false, occurred: '2014-12', native_scheme: 'zhima' },
  amount: {
    ...{ lower_minor: '300000', upper_minor: '400000', lower_open: true, upper_open: false },
    ...{ currency: 'CNY', native_code: 'M05' },
  },
  native: { sector: 'AA', risk_type: 'AA001', risk_code: 'AA001003', severity: '2' },
  native_ext: { refresh_time: '2017-05-24 08:30:00', overdue_periods: '3' },
};

export const enterpriseScore: RecordOf<'score'> = {
  ...score,
  ...{
    record_id: 's2',
    as_of: '2026-10-31',
    model: 'zhima.credit.ep.score',
    value: 1523,
    min: 1000,
    max: 2000,
  },
};

export const holdings: readonly Holding[] = [
  { subject: sandboxSubject('li-na'), records: [score] },
  { subject: sandboxSubject('zhou-late'), records: [{ ...score, value: 540 }, entry] },
  { subject: sandboxSubject('rare-name'), records: [{ ...score, value: 600 }] },
  { subject: sandboxSubject('pingshan-trading'), records: [enterpriseScore] },
];

/** Somebody as the bureau's roster has them; `authorised: false` leaves the gateway's token out. */
export function subjectOf(roster: readonly RosterEntry[], id: string, authorised = true): NativeSubject {
  const { value } = sandboxSubject(id).identifier;
  const found = roster.find((line) => line.id === value);
  if (found === undefined) throw new RangeError(`${id} is not on the roster`);
  const { handle, name, scheme } = found;
  return {
    identifier: { scheme, value },
    ...(name === undefined ? {} : { name }),
    ...(authorised && handle !== undefined ? { handle } : {}),
  };
}

let inquiries = 0;

/** The circumstances of an inquiry of its own. */
export function moment(changes: Partial<Moment> = {}): Moment {
  inquiries += 1;
  return {
    ...{ nowMs, purpose: 'LOAN_APPROVAL', inquiry: sha256Digest(`inquiry ${inquiries}`) },
    signal: AbortSignal.timeout(20_000),
    ...changes,
  };
}

export const open = (settings: unknown, clock: Clock = handClock()): NativeSource =>
  openZhima(settings, { clock, random: systemRandom });

/** How a question failed. Anything but a SourceFault fails the test, and so does an answer. */
export async function faultOf(question: Promise<Finding>): Promise<SourceFault> {
  const outcome = await question.then(
    (finding) => finding,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(SourceFault);
  return outcome as SourceFault;
}

/** Somebody else in the gateway's place. */
export async function impostor(listener: RequestListener): Promise<{ url: string; stop(): void }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/gateway.do`, stop };
}
