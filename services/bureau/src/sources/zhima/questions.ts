import type { Category, CreditRecord } from '@causeway/records';

import { SourceFault } from '../source-fault.ts';
import type { NativeSubject } from '../source.ts';
import type { GatewayQuestion } from './gateway.ts';
import type { NativeFields } from './native-fields.ts';
import { briefScore, enterpriseScore, personScore } from './score-answer.ts';
import type { Reading } from './score-answer.ts';
import type { ZhimaSettings } from './settings.ts';
import { briefWatchlist, watchlistEntries } from './watchlist-answer.ts';

/** A question with the reader of its answer. */
export interface ReadQuestion extends GatewayQuestion {
  read(fields: NativeFields, reading: Reading): readonly CreditRecord[];
}

type Settings = Pick<ZhimaSettings, 'admittanceScore'>;

/**
 * What to ask about a subject: nothing for a category that Zhima has nothing of, since every question is
 * charged. With an authorisation (the roster's handle) the full methods, without one the brief ones.
 * @throws SourceFault `consent_invalid` where only an authorisation would do
 */
export function questionsFor(
  subject: NativeSubject,
  categories: readonly Category[],
  settings: Settings,
): readonly ReadQuestion[] {
  const enterprise = subject.identifier.scheme === 'gb32100';
  // The watch list is of natural persons.
  const asked = categories.filter((name) => name === 'SCORE' || (name === 'WATCHLIST' && !enterprise));
  const one = enterprise ? enterpriseQuestion : personQuestion;
  return [...new Set(asked)].map((category) => one(category === 'SCORE', subject, settings));
}

function enterpriseQuestion(_score: boolean, { handle }: NativeSubject): ReadQuestion {
  if (handle === undefined) throw noAuthorisation();
  return {
    ...{ method: 'zhima.credit.ep.score.get', productCode: 'w1010100003000001418' },
    ...{ authToken: handle, content: {} },
    read: (fields, reading) => [enterpriseScore(fields, reading)],
  };
}

function personQuestion(score: boolean, subject: NativeSubject, settings: Settings): ReadQuestion {
  const { handle } = subject;
  if (handle === undefined)
    return score ? briefScoreQuestion(subject, settings) : briefWatchlistQuestion(subject);
  return score
    ? {
        ...{ method: 'zhima.credit.score.get', productCode: 'w1010100100000000001' },
        ...{ authToken: handle, content: {} },
        read: (fields, reading) => [personScore(fields, reading)],
      }
    : {
        ...{ method: 'zhima.credit.watchlistii.get', productCode: 'w1010100100000000022' },
        ...{ authToken: handle, content: {}, read: watchlistEntries },
      };
}

function briefScoreQuestion(subject: NativeSubject, { admittanceScore }: Settings): ReadQuestion {
  if (admittanceScore === undefined) throw noAuthorisation();
  return {
    ...{ method: 'zhima.credit.score.brief.get', productCode: 'w1010100000000002733' },
    content: { ...certificate(subject), admittance_score: String(admittanceScore) },
    read: (fields, reading) => [briefScore(fields, admittanceScore, reading)],
  };
}

function briefWatchlistQuestion(subject: NativeSubject): ReadQuestion {
  return {
    ...{ method: 'zhima.credit.watchlist.brief.get', productCode: 'w1010100000000002977' },
    ...{ content: certificate(subject), read: briefWatchlist },
  };
}

function certificate({ identifier, name }: NativeSubject): Record<string, string> {
  if (name === undefined)
    throw new SourceFault('bad_request', 'the roster has neither authorisation nor name');
  const cert_type = identifier.scheme === 'passport' ? 'PASSPORT' : 'IDENTITY_CARD';
  return { cert_type, cert_no: identifier.value, name };
}

function noAuthorisation(): SourceFault {
  return new SourceFault('consent_invalid', 'the roster has no authorisation of the subject');
}
