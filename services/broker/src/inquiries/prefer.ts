/** The longest that a caller may ask to be kept waiting. */
export const waitSecondsMax = 30;

/**
 * The `wait` preference in seconds (RFC 7240 section 4.3), at most `waitSecondsMax`; undefined where it is
 * absent or not a number. Preferences are never an error: what cannot be read is ignored.
 */
export function preferredWait(header: string | string[] | undefined): number | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  for (const preference of text.split(',')) {
    const match = /^\s*wait\s*=\s*"?([0-9]{1,6})"?\s*(;|$)/iu.exec(preference);
    if (match?.[1] !== undefined) return Math.min(Number(match[1]), waitSecondsMax);
  }
  return undefined;
}
