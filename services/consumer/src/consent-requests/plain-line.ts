/**
 * True for text that stands on one line as it is written: composed (NFC), without control, format, private or
 * unassigned characters, line breaks or outer spaces. So nothing that somebody declares can look like another
 * line of what it stands in, or turn the direction of the rest.
 */
export function isPlainLine(text: string): boolean {
  return text.isWellFormed() && text.normalize('NFC') === text && text.trim() === text && !unplain.test(text);
}

const unplain = /[\p{C}\p{Zl}\p{Zp}]|\s{2}/u;
