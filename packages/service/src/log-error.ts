import { CausewayError } from '@causeway/protocol/errors';

/** Errors of our own making, whose message cannot quote a caller's data. */
const programmerErrors = new Set(['TypeError', 'ReferenceError', 'AssertionError', 'ConfigError']);

/**
 * What a log may say of an error: its kind, its code and where it was thrown. Messages of foreign errors are
 * left out, because drivers and parsers quote the value that they refused.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const out: Record<string, unknown> = { type: error.name };
  for (const key of ['code', 'syscall', 'table', 'constraint', 'routine'] as const) {
    const value: unknown = Reflect.get(error, key);
    if (typeof value === 'string') out[key] = value;
  }
  if (error instanceof CausewayError) {
    if (error.internal !== undefined) out['internal'] = error.internal;
  } else {
    if (programmerErrors.has(error.name)) out['message'] = error.message;
    out['at'] = frames(error.stack);
  }
  if (error.cause !== undefined) out['cause'] = describeError(error.cause);
  return out;
}

function frames(stack: string | undefined): string[] {
  return (stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8)
    .map((line) => line.trim());
}
