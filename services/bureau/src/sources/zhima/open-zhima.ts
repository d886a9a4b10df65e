import type { Clock, Random } from '@causeway/kernel';
import { limits } from '@causeway/kernel';
import type { Category, CreditRecord } from '@causeway/records';
import { readRecord } from '@causeway/records/faults';

import { SourceFault } from '../source-fault.ts';
import type { Finding, Moment, NativeSource, NativeSubject, SourceHealth } from '../source.ts';
import { askGateway } from './gateway.ts';
import { misshapen, Notes } from './native-fields.ts';
import { questionsFor } from './questions.ts';
import type { ReadQuestion } from './questions.ts';
import { readSettings } from './settings.ts';
import type { ZhimaSettings } from './settings.ts';
import { entryName } from './watchlist-answer.ts';

/** What a source is given besides its settings. */
interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * A Zhima gateway as a source. `settings` is what the bureau's settings file says, as ZhimaSettingsSchema
 * has it.
 * @throws ConfigError where the settings cannot be used
 */
export function openZhima(settings: unknown, { clock }: Surroundings): NativeSource {
  const ready = readSettings(settings);
  let last: { readonly at: number; readonly fault: SourceFault | undefined } | undefined;
  const ended = (fault?: SourceFault): void => {
    last = { at: clock.monotonic(), fault };
  };
  return {
    kind: 'native',
    name: 'zhima',
    find: async (subject, categories, at) => {
      try {
        const found = await find(ready, subject, categories, at);
        ended();
        return found;
      } catch (error) {
        const fault = asFault(error);
        ended(fault);
        throw fault;
      }
    },
    steadyName: (record) => (record.record === 'watchlist' ? entryName(record) : undefined),
    health: () => Promise.resolve(healthOf(last?.fault, last && clock.monotonic() - last.at)),
    close: () => Promise.resolve(),
  };
}

/** Whatever goes wrong in reading an answer is the answer's fault; the text may hold values and is left. */
function asFault(error: unknown): SourceFault {
  if (error instanceof SourceFault) return error;
  return new SourceFault('upstream_error', 'the answer cannot be read');
}

/** All questions at once; they are awaited to the last before the first fault is thrown. */
async function find(
  settings: ZhimaSettings,
  subject: NativeSubject,
  categories: readonly Category[],
  at: Moment,
): Promise<Finding> {
  const questions = questionsFor(subject, categories, settings);
  const reading = { nowMs: at.nowMs, notes: new Notes() };
  const asked = await Promise.allSettled(
    questions.map(async (question) => await answerTo(settings, question, at, reading)),
  );
  const answers = asked.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
  const known = answers.length === 0 || answers.some((answer) => answer !== 'not_found');
  const records = answers.flatMap((answer) => (answer === 'not_found' ? [] : answer));
  if (records.length > limits.recordsMax) throw misshapen('the number of records');
  const kind = subject.identifier.scheme === 'gb32100' ? 'enterprise' : 'person';
  return { known, records: records.map((record) => sound(record, kind)), notes: reading.notes.list() };
}

async function answerTo(
  settings: ZhimaSettings,
  question: ReadQuestion,
  at: Moment,
  reading: { readonly nowMs: number; readonly notes: Notes },
): Promise<readonly CreditRecord[] | 'not_found'> {
  const fields = await askGateway(settings, question, at);
  if (fields === 'not_found') return fields;
  const records = question.read(fields, reading);
  fields.done(reading.notes);
  return records;
}

/** The model's own check stands last: what it refuses is not handed on. */
function sound(record: CreditRecord, kind: 'person' | 'enterprise'): CreditRecord {
  const result = readRecord(record, kind);
  if ('record' in result) return result.record;
  throw misshapen(`${record.record} ${result.faults[0]?.field ?? ''}`);
}

/** Every question is charged, so that health asks none: it tells how the last one ended. */
function healthOf(fault: SourceFault | undefined, ageMs: number | undefined): SourceHealth {
  if (ageMs === undefined) return { ok: true, detail: 'Nothing has been asked yet.' };
  const age = `${Math.round(ageMs / 1000)} s ago`;
  if (fault === undefined) return { ok: true, detail: `The last question was answered ${age}.` };
  // These say something about one subject or its authorisation, not about the gateway.
  const own = fault.faultClass === 'consent_invalid' || fault.faultClass === 'partial';
  return { ok: own, detail: `The last question ended with ${fault.faultClass} ${age}.` };
}
