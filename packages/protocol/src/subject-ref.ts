import { encodeBase64url } from './base64url.ts';
import { subjectRefPattern } from './claim-types.ts';

const expression = new RegExp(subjectRefPattern, 'u');

/** `s1.<epoch>.<first 32 bytes of the OPRF output in base64url>`: what every service knows a subject by. */
export function subjectRef(epoch: string, output: Uint8Array): string {
  const ref = `s1.${epoch}.${encodeBase64url(output.subarray(0, 32))}`;
  if (!isSubjectRef(ref)) throw new RangeError('not an epoch and an OPRF output');
  return ref;
}

/** The epoch that a reference was computed in; empty for what is none. */
export const epochOf = (ref: string): string => ref.split('.')[1] ?? '';

/** True for a subject reference in its one accepted spelling. */
export function isSubjectRef(text: unknown): text is string {
  return typeof text === 'string' && expression.test(text);
}
