import { CausewayError } from '@causeway/sdk';
import { paint } from '../terminal.ts';

/** An error as a person should read it: what was refused, why, and nothing of the program's insides. */
export function errorView(error: unknown): string {
  if (error instanceof CausewayError) return `${paint('red', error.code)}: ${error.publicDetail}`;
  return `${paint('red', 'failed')}: ${error instanceof Error ? error.message : String(error)}`;
}
