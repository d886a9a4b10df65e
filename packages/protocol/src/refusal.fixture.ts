import { CausewayError, type ErrorCode } from './errors.ts';

interface Refusal {
  readonly code: ErrorCode | 'accepted';
  readonly pointer?: string;
  readonly detail?: string;
}

/** How a call was refused. An error that is not one of ours goes through. */
export function refusal(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    const { code, pointer, publicDetail } = error;
    return { code, detail: publicDetail, ...(pointer === undefined ? {} : { pointer }) };
  }
  return { code: 'accepted' };
}

/** The code of a refusal, or 'accepted'. */
export const codeOf = (run: () => unknown): Refusal['code'] => refusal(run).code;
