import { open, seal } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { ConsentRow } from '../tables.ts';

type Sealer = Pick<Consumer, 'sealing' | 'random'>;
type Named = Pick<ConsentRow, 'subject_ref' | 'digest'>;

/** The boxes of a consent's row, each bound to that row. */
export function sealConsent(sealer: Sealer, named: Named, parts: { statement: string; evidence: string }) {
  const box = (part: keyof typeof parts) =>
    seal(sealer.sealing, Buffer.from(parts[part]), aad(part, named), sealer.random);
  return { statement: box('statement'), evidence: box('evidence') };
}

/** The consent's JWS. */
export function openStatement(
  sealer: Pick<Sealer, 'sealing'>,
  row: Named & Pick<ConsentRow, 'statement'>,
): string {
  return open(sealer.sealing, row.statement, aad('statement', row)).toString();
}

/** What proves the consent: an id_token, or of a passkey its proof. */
export function openEvidence(
  sealer: Pick<Sealer, 'sealing'>,
  row: Named & Pick<ConsentRow, 'evidence'>,
): string {
  return open(sealer.sealing, row.evidence, aad('evidence', row)).toString();
}

function aad(part: string, { subject_ref, digest }: Named): string {
  return `consent ${part}:${subject_ref}:${digest}`;
}
