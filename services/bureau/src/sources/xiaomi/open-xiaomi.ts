import type { Clock } from '@causeway/kernel';
import { dateOf } from '@causeway/kernel';
import type { Category } from '@causeway/records';

import { nativeCall } from '../native-call.ts';
import { SourceFault, type FaultClass } from '../source-fault.ts';
import type { Finding, Moment, NativeSource, NativeSubject, SourceHealth } from '../source.ts';
import { answerOf, isBusy } from './answer.ts';
import { findingOf } from './finding.ts';
import { nightlyFinding } from './nightly-folder.ts';
import { questionOf } from './question.ts';
import type { XiaomiSettings } from './settings.ts';

const nobody: Finding = { known: false, records: [], notes: [] };
const timeoutMsDefault = 5000;

/** Faults that are about the question and not about the system. */
const aboutTheQuestion: ReadonlySet<FaultClass> = new Set(['not_authorised', 'bad_request']);

/** A Xiaomi-like native system behind the interface of all sources; see docs/sources/xiaomi.md. */
export function openXiaomi(settings: XiaomiSettings, { clock }: { readonly clock: Clock }): NativeSource {
  const closing = new AbortController();
  let health: SourceHealth = { ok: true, detail: 'has not been asked yet' };

  const find: NativeSource['find'] = async (subject, categories, at) => {
    const moment = { ...at, signal: AbortSignal.any([at.signal, closing.signal]) };
    try {
      const finding = await ask(settings, subject, moment);
      health = { ok: true, detail: 'answered the last question' };
      return distinct(finding);
    } catch (error) {
      const fault = error instanceof SourceFault ? error : unforeseen();
      if (!aboutTheQuestion.has(fault.faultClass) && !moment.signal.aborted) {
        health = { ok: false, detail: `failed the last question: ${fault.faultClass}` };
      }
      return distinct(await whileBusy(fault, settings, subject, categories, moment, clock));
    }
  };

  return {
    kind: 'native',
    name: 'xiaomi',
    find,
    health: () => Promise.resolve(health),
    close: () => {
      closing.abort();
      return Promise.resolve();
    },
  };
}

async function ask(settings: XiaomiSettings, subject: NativeSubject, at: Moment): Promise<Finding> {
  const question = questionOf(subject, at, settings);
  if (question === undefined) return nobody;
  const reply = await nativeCall({
    url: `${settings.url}/openapi/credit/query`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=GBK' },
    body: question.body,
    ...(settings.ca === undefined ? {} : { tls: { ca: settings.ca } }),
    timeoutMs: settings.timeout_ms ?? timeoutMsDefault,
    signal: at.signal,
  });
  const data = answerOf(reply);
  if (data === undefined) return { ...nobody, notes: question.notes };
  const finding = findingOf(data, subject, question.reqNo, settings);
  return { ...finding, notes: [...question.notes, ...finding.notes] };
}

/**
 * The loans of the last nightly file, where the system says that it is busy and they were asked for.
 * @throws SourceFault the given one where there is nothing to fall back on
 */
async function whileBusy(
  fault: SourceFault,
  settings: XiaomiSettings,
  subject: NativeSubject,
  categories: readonly Category[],
  at: Moment,
  clock: Clock,
): Promise<Finding> {
  const loansAsked = categories.some(
    (category) => category.startsWith('ACCOUNT_') || category === 'WATCHLIST',
  );
  // The file has no score, and an answer is the one answer for ever: who asks for a score waits for it.
  const enough = loansAsked && !categories.includes('SCORE');
  if (settings.nightly === undefined || !isBusy(fault) || !enough) throw fault;
  const today = dateOf(clock.now(), 'Asia/Shanghai');
  const finding = await nightlyFinding(settings.nightly, subject, today, settings.lender_ref, at.signal);
  if (finding === undefined) throw fault;
  return finding;
}

/** Each note once, however many loans it is about. */
function distinct(finding: Finding): Finding {
  const notes = new Map(finding.notes.map((note) => [`${note.field} ${note.what}`, note]));
  return { ...finding, notes: [...notes.values()] };
}

function unforeseen(): SourceFault {
  return new SourceFault('upstream_error', 'an answer that nobody foresaw');
}
