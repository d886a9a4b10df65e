import type { Access } from '@causeway/sdk';
import { paint } from '../terminal.ts';
import { table } from './table.ts';

/** A subject's access history, newest first. */
export function historyLines(accesses: readonly Access[]): string[] {
  if (accesses.length === 0) return ['nobody has asked'];
  const lines = table(
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
  return [...lines, ...accesses.flatMap(noteOf)];
}

/** Why a line came late, and in which capacity the subject was asked about. */
function noteOf({ at, embargo, lender_name, named_as, purpose }: Access): string[] {
  const line = `${at.slice(0, 10)} ${lender_name} ${purpose}`;
  return [
    ...(embargo === undefined
      ? []
      : [`${line}: shown ${embargo.days} days late under ${embargo.rule} (${embargo.source})`]),
    ...(named_as === undefined ? [] : [`${line}: because of what somebody else applied for, as ${named_as}`]),
  ];
}
