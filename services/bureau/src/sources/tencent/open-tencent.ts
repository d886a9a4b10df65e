import type { Clock } from '@causeway/kernel';
import type { Category, CreditRecord } from '@causeway/records';

import { SourceFault } from '../source-fault.ts';
import type { Finding, Moment, NativeSource, NativeSubject, SourceHealth } from '../source.ts';
import { readAntiFraud } from './anti-fraud.ts';
import { tencentCalls, type CallMoment } from './api.ts';
import { readCreditScore } from './credit-score.ts';
import { Notes } from './notes.ts';
import { questionAbout } from './question.ts';
import type { TencentSettings } from './settings.ts';
import { antiFraudRecords, creditRecords, entryName } from './to-records.ts';

/** What one interface adds to a finding. */
interface Part {
  readonly known: boolean;
  readonly records: readonly CreditRecord[];
}

/**
 * A Tencent-like system as a source (docs/sources/tencent.md). It knows residents by their number: scores for
 * SCORE, risk codes for WATCHLIST, and it is asked for nobody else and for nothing more.
 */
export function openTencent(settings: TencentSettings, { clock }: { readonly clock: Clock }): NativeSource {
  const call = tencentCalls(settings);
  const closing = new AbortController();
  const anyOf = (...signals: AbortSignal[]): AbortSignal => AbortSignal.any([closing.signal, ...signals]);

  async function antiFraud(subject: NativeSubject, at: CallMoment, notes: Notes): Promise<Part> {
    const answer = await call('GetAntiFraud', questionAbout(settings, subject), at);
    const read = readAntiFraud(answer, at.nowMs, notes);
    return { known: read.known, records: antiFraudRecords(read, settings, at.nowMs, notes) };
  }

  async function creditScore(subject: NativeSubject, at: CallMoment, notes: Notes): Promise<Part> {
    const answer = await call('QueryCreditScore', questionAbout(settings, subject), at);
    const read = readCreditScore(answer, at.nowMs, notes);
    return { known: read.known, records: creditRecords(read, at.nowMs, notes) };
  }

  async function find(
    subject: NativeSubject,
    categories: readonly Category[],
    { inquiry, nowMs, signal }: Moment,
  ): Promise<Finding> {
    const asked = questionsFor(categories);
    if (subject.identifier.scheme !== 'gb11643') return { known: false, records: [], notes: [] };
    if (!asked.antiFraud) {
      // The roster says that it knows the subject; nobody's number is sent for nothing.
      return { known: true, records: [], notes: [{ field: 'Found', what: 'assumed' }] };
    }
    const notes = new Notes();
    const stop = new AbortController();
    const at = { nowMs, reason: inquiry, signal: anyOf(signal, stop.signal) };
    try {
      const parts = await Promise.all([
        ...(asked.creditScore ? [creditScore(subject, at, notes)] : []),
        antiFraud(subject, at, notes),
      ]);
      const records = parts.flatMap((part) => part.records);
      return { known: parts.some(({ known }) => known), records, notes: notes.list };
    } finally {
      stop.abort();
    }
  }

  /** A question about nobody shows address, key and clock: whoever may ask is told that a parameter lacks. */
  async function health(): Promise<SourceHealth> {
    try {
      await call('GetAntiFraud', questionAbout(settings), {
        nowMs: clock.now(),
        reason: 'health',
        signal: anyOf(),
      });
    } catch (error) {
      if (!(error instanceof SourceFault)) throw error;
      const ok = error.faultClass === 'bad_request';
      return { ok, detail: ok ? 'it answers to our key' : `asked about nobody: ${error.faultClass}` };
    }
    return { ok: true, detail: 'it answers to our key' };
  }

  return {
    kind: 'native',
    name: 'tencent',
    find,
    steadyName: entryName,
    health,
    close: async () => closing.abort(),
  };
}

/** A risk score is a score, so that SCORE needs both; neither category needs nothing of it. */
function questionsFor(categories: readonly Category[]): { creditScore: boolean; antiFraud: boolean } {
  const creditScore = categories.includes('SCORE');
  return { creditScore, antiFraud: creditScore || categories.includes('WATCHLIST') };
}
