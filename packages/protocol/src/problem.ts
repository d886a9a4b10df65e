import { CausewayError, errorTable } from './errors.ts';

/** An error as it leaves a node: application/problem+json (RFC 9457) with our members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  /** True where the very same request may succeed later. */
  readonly retryable: boolean;
  readonly request_id: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

/**
 * The only bridge from an error to the outside. An error that is not ours becomes `internal` and says
 * nothing.
 */
export function problem(error: unknown, requestId: string): Problem {
  const known = error instanceof CausewayError ? error : new CausewayError('internal');
  const { title, status, retryable } = errorTable[known.code];
  return {
    type: `https://causeway.example/errors/${known.code}`,
    title,
    status,
    detail: known.publicDetail,
    code: known.code,
    retryable,
    request_id: requestId,
    ...(known.pointer === undefined ? {} : { errors: [{ pointer: known.pointer }] }),
  };
}
