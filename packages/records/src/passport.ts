import { passportStates } from './passport-states.ts';

const weights = [7, 3, 1] as const;
/** The document number's field in the machine-readable zone of a passport (TD3). */
const fieldLength = 9;

/** ISO 3166-1 writes Germany otherwise than the machine-readable zone does. */
const otherSpellings: ReadonlyMap<string, string> = new Map([['DEU', 'D<<']]);

/**
 * The check digit of a field of a machine-readable zone (ICAO Doc 9303, part 3, section 4.9): weights 7, 3,
 * 1, modulo 10; letters count from A = 10, the filler `<` counts 0. Throws RangeError for any other
 * character.
 */
export function passportCheckDigit(field: string): string {
  if (!/^[0-9A-Z<]*$/u.test(field)) throw new RangeError('capitals, digits and < expected');
  const sum = Array.from(field).reduce(
    (total, character, at) => total + valueOf(character) * (weights[at % 3] ?? 0),
    0,
  );
  return String(sum % 10);
}

const valueOf = (character: string): number => (character === '<' ? 0 : Number.parseInt(character, 36));

/**
 * The one normal form of a passport: the issuing state's three characters and the document number, without
 * the fillers behind it, such as `UTOL898902C3`. Two forms are read: that one, and the one of the
 * machine-readable zone, with the number filled up to nine characters and its check digit behind it, which
 * must be right. A number of another length than nine is told from its check digit by the fillers alone, so
 * that a form of thirteen characters always is the latter. Throws RangeError, whose text repeats nothing.
 */
export function normalisePassport(text: string): string {
  const state = otherSpellings.get(text.slice(0, 3)) ?? text.slice(0, 3);
  if (!passportStates.has(state)) throw new RangeError('not an issuing state of ICAO Doc 9303');
  const number = documentNumber(text.slice(3));
  if (!/^[0-9A-Z]{1,9}$/u.test(number) || !/[0-9]/u.test(number)) {
    throw new RangeError('not a document number of a passport');
  }
  return state + number;
}

function documentNumber(text: string): string {
  if (text.length !== fieldLength + 1) return text;
  const [field, check] = [text.slice(0, fieldLength), text.slice(fieldLength)];
  if (passportCheckDigit(field) !== check) throw new RangeError('the check digit of the number is wrong');
  return field.replace(/<+$/u, '');
}
