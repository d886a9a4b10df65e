import { openFor, sealFor } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { PasskeyRow } from '../passkey-rows.ts';

type Named = Pick<PasskeyRow, 'enrolment' | 'subject_ref'>;

/** The boxes of a passkey's row under its subject's key, each bound to that row. */
export async function sealEnrolment(
  { random, subjectKeys }: Pick<Consumer, 'random' | 'subjectKeys'>,
  named: Named,
  parts: { statement: string; evidence: string },
) {
  const key = await subjectKeys.of(named.subject_ref);
  const box = (part: keyof typeof parts) => sealFor(key, parts[part], aad(part, named), random);
  return { statement: box('statement'), evidence: box('evidence') };
}

/** The enrolment's JWS. */
export async function openEnrolment(
  { subjectKeys }: Pick<Consumer, 'subjectKeys'>,
  row: Named & Pick<PasskeyRow, 'statement'>,
): Promise<string> {
  return openFor(await subjectKeys.of(row.subject_ref), row.statement, aad('statement', row)).toString();
}

const aad = (part: string, { enrolment, subject_ref }: Named): string =>
  `passkey ${part}:${subject_ref}:${enrolment}`;
