import { dateOf } from '@causeway/kernel';
import type { CreditRecord } from '@causeway/records';

import type { Holding } from '../native-system.ts';
import { placeEnterprise } from './enterprise.ts';
import { placePersonal, placeProfiles } from './person.ts';
import type { CcrcQuirks } from './quirks.ts';
import { group, tag } from './tags.ts';

/** The circumstances of one report. */
export interface ReportOccasion {
  readonly nowMs: number;
  /** How many reports were written before. */
  readonly serial: number;
  readonly orgCode: string;
  readonly reason: string;
  readonly asked: { readonly type: string; readonly number: string };
}

const zone = 'Asia/Shanghai';

/** A person's other document, under which the registry keeps the same file. */
export const otherNumber = 'E12345678';

/** The report on one subject as the registry writes it, a document in itself, not yet encoded. */
export function writeReport(
  { records, subject }: Holding,
  occasion: ReportOccasion,
  quirks: CcrcQuirks,
): string {
  const today = dateOf(occasion.nowMs, zone);
  const shown = records.filter(({ as_of }) => !quirks.nextDay || as_of < today);
  const placed =
    subject.kind === 'person' ? placePerson(shown, quirks) : placeAll(shown, quirks, placeEnterprise);
  const groups = new Map<string, string>();
  for (const [name, xml] of placed) groups.set(name, (groups.get(name) ?? '') + xml);
  const body = [...groups].map(([name, xml]) => group(name, xml)).join('');
  const header = writeHeader(subject, occasion, quirks);
  return `<?xml version="1.0" encoding="${quirks.declares}"?>\n${group('Document', header + body)}\n`;
}

function placePerson(shown: readonly CreditRecord[], quirks: CcrcQuirks): (readonly [string, string])[] {
  const profiles = shown.flatMap((record) =>
    record.record === 'profile' && record.kind === 'person' ? [record] : [],
  );
  return [...placeProfiles(profiles, quirks), ...placeAll(shown, quirks, placePersonal)];
}

const placeAll = (
  shown: readonly CreditRecord[],
  quirks: CcrcQuirks,
  place: typeof placePersonal,
): (readonly [string, string])[] => shown.flatMap((record) => place(record, shown, quirks));

function writeHeader(subject: Holding['subject'], occasion: ReportOccasion, quirks: CcrcQuirks): string {
  const p = subject.kind === 'person' ? 'PA01' : 'EA01';
  const local = localTime(occasion.nowMs);
  const number = `${local.replaceAll(/\D/gu, '')}${String(occasion.serial).padStart(8, '0')}`;
  const time = quirks.zone === 'Z' ? `${utcTime(occasion.nowMs)}Z` : local;
  const name = quirks.otherDot ? subject.name.replaceAll('·', '•') : subject.name;
  const asked = quirks.oldNumbers
    ? { type: occasion.asked.type, number: oldNumber(occasion.asked.number) }
    : occasion.asked;
  const first = quirks.otherNumberFirst ? { type: '02', number: otherNumber } : asked;
  const others = quirks.otherNumberFirst
    ? group(`${p}CH`, tag(`${p}CD01`, asked.type) + tag(`${p}CI01`, asked.number))
    : '';
  const segment =
    group(`${p}A`, tag(`${p}AI01`, number) + tag(`${p}AR01`, time)) +
    group(
      `${p}B`,
      tag(`${p}BQ01`, name) +
        tag(`${p}BD01`, first.type) +
        tag(`${p}BI01`, first.number) +
        tag(`${p}BI02`, occasion.orgCode) +
        tag(`${p}BD02`, occasion.reason),
    ) +
    group(`${p}C`, others) +
    group(`${p}E`, tag(`${p}ES01`, '0'));
  return group(subject.kind === 'person' ? 'PRH' : 'EAA', group(p, segment));
}

/** A resident number as it was before 1999: no century, no check character. */
export const oldNumber = (number: string): string =>
  number.length === 18 ? number.slice(0, 6) + number.slice(8, 17) : number;

/** '2019-10-16T17:46:36' in Shanghai. */
export const localTime = (ms: number): string => utcTime(ms + 8 * 3_600_000);

const utcTime = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
