import { openFor, sealFor, type SubjectKey } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { ConsentRow } from '../tables.ts';

type Named = Pick<ConsentRow, 'subject_ref' | 'digest'>;

/** The boxes of a consent's row under its subject's key, each bound to that row. */
export async function sealConsent(
  { random, subjectKeys }: Pick<Consumer, 'random' | 'subjectKeys'>,
  named: Named,
  parts: { statement: string; evidence: string },
) {
  const key = await subjectKeys.of(named.subject_ref);
  const box = (part: keyof typeof parts) => sealFor(key, parts[part], aad(part, named), random);
  return { statement: box('statement'), evidence: box('evidence') };
}

/** The consent's JWS. */
export async function openStatement(
  { subjectKeys }: Pick<Consumer, 'subjectKeys'>,
  row: Named & Pick<ConsentRow, 'statement'>,
): Promise<string> {
  return statementUnder(await subjectKeys.of(row.subject_ref), row);
}

/** The same with the subject's key at hand. */
export function statementUnder(key: SubjectKey, row: Named & Pick<ConsentRow, 'statement'>): string {
  return openFor(key, row.statement, aad('statement', row)).toString();
}

/** What proves the consent: an id_token, or of a passkey its proof. */
export function evidenceUnder(key: SubjectKey, row: Named & Pick<ConsentRow, 'evidence'>): string {
  return openFor(key, row.evidence, aad('evidence', row)).toString();
}

function aad(part: string, { subject_ref, digest }: Named): string {
  return `consent ${part}:${subject_ref}:${digest}`;
}
