import { SourceFault, type FaultClass } from '../source-fault.ts';

/**
 * Families of codes, the longer name before the shorter. A replay is refused by the family of limits: the
 * next attempt has a signature of its own, so that it may pass.
 */
const classes: readonly (readonly [string, FaultClass])[] = [
  ['AuthFailure.UnauthorizedOperation', 'not_authorised'],
  ['AuthFailure', 'signature_invalid'],
  ['InvalidAction', 'bad_request'],
  ['InvalidParameter', 'bad_request'],
  ['InvalidParameterValue', 'bad_request'],
  ['MissingParameter', 'bad_request'],
  ['NoSuchVersion', 'bad_request'],
  ['ResourceNotFound', 'bad_request'],
  ['UnknownParameter', 'bad_request'],
  ['UnsupportedRegion', 'bad_request'],
  ['LimitExceeded', 'rate_limited'],
  ['RequestLimitExceeded', 'rate_limited'],
  ['ResourceUnavailable.PermissionDenied', 'not_authorised'],
  ['ResourceUnavailable', 'upstream_unavailable'],
  ['ServiceUnavailable', 'upstream_unavailable'],
  ['UnauthorizedOperation', 'not_authorised'],
  ['InternalError', 'upstream_error'],
];

const clockCodes: ReadonlySet<string> = new Set(['AuthFailure.Expired', 'AuthFailure.SignatureExpire']);

/** What a code of the system becomes. Its text is never repeated, nor a code that does not look like one. */
export function faultOf(code: unknown): SourceFault {
  if (typeof code !== 'string' || !/^[A-Za-z]{1,32}(\.[A-Za-z0-9]{1,32}){0,2}$/u.test(code)) {
    return new SourceFault('upstream_error', 'the native system refuses, with no code of its own');
  }
  const found = classes.find(([family]) => code === family || code.startsWith(`${family}.`));
  const what = clockCodes.has(code)
    ? 'the native system finds the time of the request too far from its own'
    : 'the native system refuses';
  return new SourceFault(found?.[1] ?? 'upstream_error', what, code);
}
