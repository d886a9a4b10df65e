import type { FaultClass } from '../source-fault.ts';

/** What a gateway code says of a question; that the subject is not known there is a finding and no fault. */
export type Verdict = FaultClass | 'not_found';

/** The gateway's own codes (public documentation), where the sub-code does not say more. */
const byCode: Readonly<Record<string, FaultClass>> = {
  '20000': 'upstream_unavailable',
  '20001': 'not_authorised',
  '40001': 'bad_request',
  '40002': 'bad_request',
  '40003': 'not_authorised',
  '40004': 'upstream_error',
  '40005': 'rate_limited',
  '40006': 'not_authorised',
};

/**
 * Sub-codes that say more than their code, by code. Those of 40004 are of this project's simulator: the real
 * business codes are per contract and are not public, so that an unknown one is `upstream_error`.
 */
const bySubCode: Readonly<Record<string, Readonly<Record<string, Verdict>>>> = {
  '20000': { 'isp.unknow-error': 'upstream_unavailable', 'aop.unknow-error': 'upstream_unavailable' },
  '20001': {
    'aop.invalid-auth-token': 'consent_invalid',
    'aop.auth-token-time-out': 'consent_invalid',
    'aop.invalid-app-auth-token': 'not_authorised',
    'aop.invalid-app-auth-token-no-api': 'not_authorised',
    'aop.app-auth-token-time-out': 'not_authorised',
    'aop.no-product-reg-by-partner': 'not_authorised',
  },
  '40001': { 'isv.missing-signature-key': 'signature_invalid', 'isv.missing-signature': 'signature_invalid' },
  '40002': {
    'isv.invalid-signature': 'signature_invalid',
    'isv.invalid-signature-type': 'signature_invalid',
    'isv.missing-signature-config': 'signature_invalid',
    'isv.invalid-app-id': 'not_authorised',
    'isv.suspected-attack': 'not_authorised',
  },
  '40004': {
    USER_NOT_EXIST: 'not_found',
    IDENTITY_NOT_MATCH: 'not_found',
    USER_NOT_AUTHORIZED: 'consent_invalid',
    AUTHORIZATION_EXPIRED: 'consent_invalid',
    AUTHENTICATION_FAIL: 'not_authorised',
    PRODUCT_NOT_SIGNED: 'not_authorised',
    PARAM_ILLEGAL: 'bad_request',
    TRANSACTION_EXPIRED: 'bad_request',
    OVER_LIMIT: 'rate_limited',
    DATA_INCOMPLETE: 'partial',
    SYSTEM_ERROR: 'upstream_unavailable',
  },
  '40005': { 'isv.app-call-limited': 'rate_limited', 'isv.method-call-limited': 'rate_limited' },
};

/** The canonical class of a code and sub-code; what is on no list is the gateway's error, never an answer. */
export function verdictOf(code: string, subCode: string): Verdict {
  const listed = Object.hasOwn(bySubCode, code) ? bySubCode[code] : undefined;
  // A product writes its name before a business code: ZMCREDIT.USER_NOT_EXIST.
  const name = code === '40004' ? (subCode.split('.').at(-1)?.toUpperCase() ?? '') : subCode;
  if (listed !== undefined && Object.hasOwn(listed, name)) return listed[name] ?? 'upstream_error';
  return Object.hasOwn(byCode, code) ? (byCode[code] ?? 'upstream_error') : 'upstream_error';
}
