import { errorTable, type ErrorCode } from './error-table.ts';

export { errorTable, type ErrorCode };

interface ErrorParts {
  /** Replaces the code's general advice. Public: nothing personal, only the rule and what to do. */
  detail?: string;
  /** For the log of this node only; never leaves it. */
  internal?: string;
  /** JSON pointer to the member at fault, '/exp' or '/header/kid'. */
  pointer?: string;
  cause?: unknown;
}

/** The one error that crosses a boundary. The code decides status, title and whether a retry can help. */
export class CausewayError extends Error {
  override readonly name = 'CausewayError';
  readonly code: ErrorCode;
  readonly publicDetail: string;
  readonly internal?: string;
  readonly pointer?: string;

  constructor(code: ErrorCode, parts: ErrorParts = {}) {
    const detail = parts.detail ?? errorTable[code].detail;
    super(`${code}: ${detail}`, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = code;
    this.publicDetail = detail;
    if (parts.internal !== undefined) this.internal = parts.internal;
    if (parts.pointer !== undefined) this.pointer = parts.pointer;
  }

  /** The HTTP status that this code always has. */
  get status(): number {
    return errorTable[this.code].status;
  }
}

/** True for a code of the closed set; what arrives from another node is checked before it is believed. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code);
}
