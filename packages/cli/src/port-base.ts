/** The last base whose federation listeners, up to 1,403 above it, still are ports. */
const LAST = 64_000;

/** The first port of a federation, as --port-base says. @throws RangeError for what is no such port */
export function portBaseOf(options: Record<string, string>): number {
  const base = Number(options['portBase']);
  if (!Number.isInteger(base) || base < 1024 || base > LAST) {
    throw new RangeError(`--port-base is a number from 1024 to ${LAST}`);
  }
  return base;
}
