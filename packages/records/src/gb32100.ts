/** GB 32100-2015 leaves out I, O, S, V and Z. A character's value is its place. */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2] as const;

/**
 * The check character of an organisation code (GB 11714) from its first 8 characters, where a letter counts
 * from A = 10 to Z = 35. Throws RangeError on other characters.
 */
export function gb11714CheckDigit(first8: string): string {
  if (!/^[0-9A-Z]{8}$/u.test(first8)) throw new RangeError('8 digits or capital letters expected');
  const sum = organisationWeights.reduce<number>(
    (total, weight, at) => total + weight * Number.parseInt(first8.charAt(at), 36),
    0,
  );
  const check = 11 - (sum % 11);
  if (check === 10) return 'X';
  return check === 11 ? '0' : String(check);
}

/**
 * The check character of a unified social credit code (weights 3^i mod 31) from its first 17 characters.
 * Throws RangeError on a character outside the standard's alphabet.
 */
export function gb32100CheckDigit(first17: string): string {
  if (first17.length !== 17) throw new RangeError('17 characters expected');
  let weight = 1;
  let sum = 0;
  for (const character of first17) {
    const value = alphabet.indexOf(character);
    if (value < 0) throw new RangeError('a character outside the alphabet of GB 32100');
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return alphabet.charAt((31 - (sum % 31)) % 31);
}

/** True for a unified social credit code: authority, class, region of 6 digits, organisation code, check. */
export function checkGb32100(value: string): boolean {
  if (!/^[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/u.test(value)) return false;
  if (gb11714CheckDigit(value.slice(8, 16)) !== value[16]) return false;
  return gb32100CheckDigit(value.slice(0, 17)) === value[17];
}
