import { CausewayError } from '@causeway/protocol/errors';

/**
 * Why a call to another node brought nothing: too late, no connection, or an answer not in the agreed form.
 */
export type PeerFailureKind = 'timeout' | 'unreachable' | 'answer';

/** A call to another node that failed without a decision of that node. Always code `unavailable`. */
export class PeerFailure extends CausewayError {
  readonly kind: PeerFailureKind;

  constructor(kind: PeerFailureKind, cause?: unknown) {
    super('unavailable', { internal: `peer: ${kind}`, ...(cause === undefined ? {} : { cause }) });
    this.kind = kind;
  }
}
