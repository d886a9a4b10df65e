import { open, seal } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { PasskeyRow } from '../tables.ts';

type Named = Pick<PasskeyRow, 'enrolment' | 'subject_ref'>;

/** The boxes of a passkey's row, each bound to that row. */
export function sealEnrolment(
  { random, sealing }: Pick<Consumer, 'random' | 'sealing'>,
  named: Named,
  parts: { statement: string; evidence: string },
) {
  const box = (part: keyof typeof parts) => seal(sealing, Buffer.from(parts[part]), aad(part, named), random);
  return { statement: box('statement'), evidence: box('evidence') };
}

/** The enrolment's JWS. */
export function openEnrolment(
  { sealing }: Pick<Consumer, 'sealing'>,
  row: Named & Pick<PasskeyRow, 'statement'>,
): string {
  return open(sealing, row.statement, aad('statement', row)).toString();
}

const aad = (part: string, { enrolment, subject_ref }: Named): string =>
  `passkey ${part}:${subject_ref}:${enrolment}`;
