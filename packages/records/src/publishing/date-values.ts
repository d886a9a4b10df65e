import { dateOfDayNumber, isPartialDate } from '@causeway/kernel';

/** A date in the precision of its format, or undefined where the text is none. */
export type ReadDate = (text: string) => string | undefined;

const tokens = /YYYY|MM|M|DD|D|HH|mm|ss/gu;
/** Dates of a file repeat: the same text is read once. */
const rememberedMax = 20_000;
const dayMs = 86_400_000;

/** How texts of a format are read. The calendar is checked: 30 February does not exist. */
export function dateReader(format: string, zone = '+08:00'): ReadDate {
  const read = format.startsWith('epoch_')
    ? instantReader(format === 'epoch_s' ? 1000 : 1, zone)
    : patternReader(format);
  const known = new Map<string, string | undefined>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found;
    if (known.size >= rememberedMax) known.clear();
    const date = read(text);
    known.set(text, date);
    return date;
  };
}

/** What is wrong with a format, or undefined: year, month and day once each, and no day without its month. */
export function formatFault(format: string): string | undefined {
  if (format.startsWith('epoch_')) return undefined;
  const parts = precisionOf(format);
  const needed = parts.slice().sort().join('');
  if (['Y', 'MY', 'DMY'].includes(needed)) return undefined;
  return 'must hold YYYY, YYYY and MM, or YYYY, MM and DD, each once';
}

/** True where a format gives whole days. */
export const givesDays = (format: string): boolean =>
  format.startsWith('epoch_') || precisionOf(format).includes('D');

const precisionOf = (format: string): string[] =>
  (format.match(tokens) ?? []).map((part) => part.charAt(0)).filter((part) => 'YMD'.includes(part));

function patternReader(format: string): ReadDate {
  const order = format.match(tokens) ?? [];
  const digits = { YYYY: '[0-9]{4}', M: '[0-9]{1,2}', D: '[0-9]{1,2}' } as Readonly<Record<string, string>>;
  const source = format
    .replaceAll('.', String.raw`\.`)
    .replace(tokens, (part) => `(${digits[part] ?? '[0-9]{2}'})`);
  const expression = new RegExp(`^${source}$`, 'u');
  const place = (letter: string): number => order.findIndex((part) => part.startsWith(letter)) + 1;
  const places = [place('Y'), place('M'), place('D')].filter((at) => at > 0);
  return (text) => {
    const match = expression.exec(text);
    if (!match) return undefined;
    const date = places.map((at) => (match[at] ?? '').padStart(2, '0')).join('-');
    return isPartialDate(date) ? date : undefined;
  };
}

/** The day of an instant since 1970 in a fixed offset, up to the year 9999. */
function instantReader(unitMs: number, zone: string): ReadDate {
  const sign = zone.startsWith('-') ? -1 : 1;
  const offsetMs = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * 60_000;
  return (text) => {
    if (!/^(0|[1-9][0-9]{0,14})$/u.test(text)) return undefined;
    const days = Math.floor((Number(text) * unitMs + offsetMs) / dayMs);
    return days > 2_932_896 ? undefined : dateOfDayNumber(days);
  };
}
