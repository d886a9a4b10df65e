import { checkGb11643, widenGb11643 } from './gb11643.ts';
import { checkGb32100 } from './gb32100.ts';
import { normalisePassport } from './passport.ts';

export { checkGb11643, gb11643CheckDigit } from './gb11643.ts';
export { checkGb32100, gb11714CheckDigit, gb32100CheckDigit } from './gb32100.ts';
export { passportCheckDigit } from './passport.ts';

/**
 * Identifier schemes: resident number of a person, unified social credit code of an enterprise, and a
 * person's passport.
 */
export const identifierSchemes = ['gb11643', 'gb32100', 'passport'] as const;

export type IdentifierScheme = (typeof identifierSchemes)[number];

/** An identifier in its one normal form. */
export interface Identifier {
  readonly scheme: IdentifierScheme;
  readonly value: string;
}

/**
 * What a native field may carry around the number: ASCII letters and digits, and ASCII spaces at the ends.
 */
const asciiExpression = /^ {0,8}([0-9A-Za-z]{1,32}) {0,8}$/u;

/** The same for a passport, whose machine-readable zone fills with `<`. */
const passportExpression = /^ {0,8}([0-9A-Za-z<]{1,32}) {0,8}$/u;

/**
 * The one normal form of an identifier: capitals, checked, of one length for each scheme but the passport.
 * Only ASCII is read: a full-width digit, a Cyrillic letter, a zero-width character or NUL is refused and
 * never turned into a second subject, nor folded into the first. Throws RangeError, whose text never
 * repeats the identifier.
 */
export function normaliseIdentifier(scheme: string, text: string): Identifier {
  const expression = scheme === 'passport' ? passportExpression : asciiExpression;
  const raw = expression.exec(text)?.[1]?.toUpperCase();
  if (raw === undefined) throw new RangeError('an identifier is ASCII letters and digits only');
  if (scheme === 'gb11643') {
    const value = raw.length === 15 ? widenGb11643(raw) : raw;
    if (!checkGb11643(value)) throw new RangeError('not a valid resident number (GB 11643)');
    return { scheme, value };
  }
  if (scheme === 'gb32100') {
    if (!checkGb32100(raw)) throw new RangeError('not a valid unified social credit code (GB 32100)');
    return { scheme, value: raw };
  }
  if (scheme === 'passport') return { scheme, value: normalisePassport(raw) };
  throw new RangeError('unknown identifier scheme');
}

/**
 * The bytes a blind subject reference is computed over: UTF-8 of `scheme:value`.
 * Throws RangeError where the identifier is not already in its normal form.
 */
export function subjectInput(identifier: Identifier): Uint8Array {
  const normal = normaliseIdentifier(identifier.scheme, identifier.value);
  if (normal.value !== identifier.value) throw new RangeError('the identifier is not in its normal form');
  return new TextEncoder().encode(`${normal.scheme}:${normal.value}`);
}

const numberExpression = /(?<![0-9])[0-9]{17}[0-9Xx](?![0-9A-Za-z])/gu;
const codeExpression = /(?<![0-9A-Za-z])[0-9A-Za-z]{18}(?![0-9A-Za-z])/gu;

/** What people put between the groups of a long number. */
const separators = /(?<=[0-9])[ \u2010-\u2015-]+(?=[0-9Xx])/gu;

/**
 * True where a text carries a valid resident number or credit code: such a text must not travel in a
 * record, also not in full-width characters or in groups. A passport's number has no check of its own, so
 * that it cannot be told from any other short code.
 */
export function carriesIdentifier(text: string): boolean {
  const plain = /^[ -~]*$/u.test(text) ? text : text.normalize('NFKC');
  if (plain.length < 18) return false;
  return carriesPlainly(plain) || carriesPlainly(plain.replaceAll(separators, ''));
}

function carriesPlainly(text: string): boolean {
  const numbers = text.match(numberExpression) ?? [];
  const codes = text.match(codeExpression) ?? [];
  return (
    numbers.some((found) => checkGb11643(found.toUpperCase())) ||
    codes.some((found) => checkGb32100(found.toUpperCase()))
  );
}
