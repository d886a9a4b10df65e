import { CausewayError, LedgerError, PublishingRefusal } from '@causeway/sdk';
import { isMissingFile } from '../exit-codes.ts';
import { paint } from '../terminal.ts';

/** An error as a person should read it: what was refused, why, and nothing of the program's insides. */
export function errorView(error: unknown): string {
  if (error instanceof CausewayError || error instanceof LedgerError)
    return `${paint('red', error.code)}: ${error.publicDetail}`;
  if (error instanceof PublishingRefusal) return `${paint('red', error.code)}: ${error.message}`;
  if (isMissingFile(error)) return `${paint('red', 'failed')}: there is no file ${error.path}`;
  return `${paint('red', 'failed')}: ${error instanceof Error ? error.message : String(error)}`;
}
