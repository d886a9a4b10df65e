import type { Access } from '@causeway/sdk';
import { paint } from '../terminal.ts';
import { table } from './table.ts';

/** A subject's access history, newest first. */
export function historyLines(accesses: readonly Access[]): string[] {
  if (accesses.length === 0) return ['nobody has asked'];
  return table(
    [
      { head: 'when' },
      { head: 'who' },
      { head: 'why' },
      { head: 'outcome' },
      { head: 'reason' },
      { head: 'decided by' },
    ],
    accesses.map((access) => [
      access.at.slice(0, 19).replace('T', ' '),
      access.lender_name,
      access.purpose,
      paint(access.outcome === 'granted' ? 'green' : 'red', access.outcome),
      access.code ?? '',
      access.decided_by,
    ]),
  );
}
