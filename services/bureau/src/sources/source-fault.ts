import { CausewayError, type ErrorCode } from '@causeway/protocol';

/**
 * How a native system can fail, whatever its own codes. `partial`: it answered, and said itself that the
 * answer is not whole. That it does not know the subject is no fault but a finding.
 */
export type FaultClass =
  | 'not_authorised'
  | 'consent_invalid'
  | 'bad_request'
  | 'signature_invalid'
  | 'rate_limited'
  | 'upstream_unavailable'
  | 'upstream_error'
  | 'partial';

/** What each class becomes for the broker: something that may pass, or an end. */
const outward: Readonly<Record<FaultClass, ErrorCode>> = {
  not_authorised: 'not_authorised',
  consent_invalid: 'not_authorised',
  bad_request: 'internal',
  signature_invalid: 'internal',
  rate_limited: 'rate_limited',
  upstream_unavailable: 'unavailable',
  upstream_error: 'unavailable',
  partial: 'unavailable',
};

/**
 * A native system did not answer, or not so that it can be used. `native` is its own code, never a text of
 * its; the message is for the operator and holds no value.
 */
export class SourceFault extends CausewayError {
  readonly faultClass: FaultClass;
  readonly native: string | undefined;

  constructor(faultClass: FaultClass, message: string, native?: string) {
    super(outward[faultClass], { internal: `${faultClass}: ${message}${native ? ` (${native})` : ''}` });
    this.faultClass = faultClass;
    this.native = native;
  }
}
