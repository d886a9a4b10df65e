/** The dot in a transcribed name has been typed in all of these ways. */
const dots = /[\u00b7\u2022\u30fb\u2027\u22c5\uff65]/gu;

/**
 * Whether two spellings are one name: the dot between its parts, brackets and digits of either width, and
 * spaces make no difference.
 */
export function sameName(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

const plain = (name: string): string =>
  name.normalize('NFKC').replaceAll(dots, '·').replaceAll(/\s+/gu, '').toUpperCase();
