import type { NativeSubject } from '../source.ts';

/** The registry's own types of numbers. */
const types = { gb11643: '10', passport: '02', gb32100: '20' } as const;

const handleExpression = /^([0-9A-Z]{1,3}):([0-9A-Za-z]{1,32})$/u;

/**
 * By which number the registry is asked: the subject's own, or the one that the roster holds as its handle,
 * `10:<number>`: an old number of 15 digits, or a second document under which the registry keeps the file.
 */
export function askedAs({ handle, identifier }: NativeSubject): { type: string; number: string } {
  const [, type, number] = handleExpression.exec(handle ?? '') ?? [];
  if (type !== undefined && number !== undefined) return { type, number };
  return { type: types[identifier.scheme], number: identifier.value };
}
