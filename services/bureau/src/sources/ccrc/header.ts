import { normaliseIdentifier } from '@causeway/records/identifiers';
import { childOf, childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import type { NativeSubject } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { Draft, textOf } from './draft.ts';
import { askedAs } from './identity.ts';
import { sameName } from './names.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { day as readDay, dayOfTime } from './readings.ts';
import { Report } from './report.ts';

/** Where the two kinds of report say what they are and whom they are about. */
const kinds = {
  person: { group: 'PRH', segment: 'PA01' },
  enterprise: { group: 'EAA', segment: 'EA01' },
} as const;

/**
 * Reads a report's head and checks that it is about the one who was asked for: by number, where a second
 * number of the same subject and the old form of a number count; by name, where both sides know one.
 * @throws SourceFault `upstream_error` for another subject, another kind of report, or none
 */
export function openReport(document: XmlElement, subject: NativeSubject, pseudonyms: Pseudonyms): Report {
  const kind = subject.identifier.scheme === 'gb32100' ? 'enterprise' : 'person';
  const { group, segment: p } = kinds[kind];
  const head = childOf(childOf(document, group), p);
  const [about, others] = [childOf(head, `${p}B`), childOf(head, `${p}C`)];
  const number = textOf(childOf(head, `${p}A`), `${p}AI01`);
  const day = dayOfTime(textOf(childOf(head, `${p}A`), `${p}AR01`) ?? '');
  if (number === undefined || day === undefined || !/^[0-9A-Z]{1,40}$/u.test(number)) {
    throw new SourceFault('upstream_error', 'the report has no number or no time');
  }
  const named = [
    { type: textOf(about, `${p}BD01`), number: textOf(about, `${p}BI01`) },
    ...childrenOf(others, `${p}CH`).map((other) => ({
      type: textOf(other, `${p}CD01`),
      number: textOf(other, `${p}CI01`),
    })),
  ];
  const asked = askedAs(subject);
  if (!named.some(({ number: told, type }) => type === asked.type && isSame(told, asked.number))) {
    throw new SourceFault('upstream_error', 'the report is about another subject');
  }
  const name = textOf(about, `${p}BQ01`);
  if (name !== undefined && subject.name !== undefined && !sameName(name, subject.name)) {
    throw new SourceFault('upstream_error', 'the report is about another name');
  }
  const report = new Report(kind, pseudonyms, number, day);
  report.outline(
    head,
    [...'ABCDE'].map((letter) => `${p}${letter}`),
    'IDENTITY',
  );
  addFraudAlert(report, childOf(head, `${p}D`), p);
  return report;
}

/** Equal, or the old and the new form of one resident number. */
function isSame(told: string | undefined, asked: string): boolean {
  if (told === undefined) return false;
  return told === asked || widened(told) === widened(asked);
}

function widened(number: string): string {
  if (number.length !== 15 && number.length !== 18) return number;
  try {
    return normaliseIdentifier('gb11643', number).value;
  } catch (error) {
    if (error instanceof RangeError) return number;
    throw error;
  }
}

/** That somebody may be posing as the subject is told on; the telephone number to call is not. */
function addFraudAlert(report: Report, alert: XmlElement | undefined, p: string): void {
  if (alert === undefined || textOf(alert, `${p}DQ01`) !== '1') return;
  if (textOf(alert, `${p}DQ02`) !== undefined) report.note(`${p}DQ02`, 'dropped');
  const draft = new Draft(report);
  const [from, until] = [`${p}DR01`, `${p}DR02`].map((tag) => readDay(textOf(alert, tag) ?? '', draft).value);
  report.add(draft, alert, {
    ...{ record: 'annotation', category: 'IDENTITY', segment: p, key: 'fraud-alert' },
    extra: {
      ...{ kind: 'bureau_note', text: fraudAlertText, added_on: from ?? report.day },
      ...(until === undefined ? {} : { ends_on: until }),
    },
  });
}

const fraudAlertText =
  'Fraud alert (防欺诈警示): confirm an application with the person before it is approved.';
