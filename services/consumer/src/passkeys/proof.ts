import type { PasskeyAssertion, PasskeyProof } from '@causeway/protocol';
import { enrolmentsMax } from '@causeway/protocol/passkey-proof';
import type { Consumer } from '../consumer.ts';
import type { PasskeyRow } from '../passkey-rows.ts';
import { openEnrolment } from './sealed.ts';

/**
 * What a verifier needs beside a statement that this passkey has signed: its enrolment and those that it came
 * after, as many as a proof may hold, each with the signature of the one before where there is one, and
 * otherwise with the proof of when its leaf was seen.
 *
 * @param rows all passkeys of the subject
 */
export async function enrolmentsOf(
  { ledger, subjectKeys }: Pick<Consumer, 'ledger' | 'subjectKeys'>,
  rows: readonly PasskeyRow[],
  passkey: PasskeyRow,
): Promise<PasskeyProof['enrolments']> {
  return await Promise.all(
    chainOf(rows, passkey).map(async (row, at) => {
      const { handover: signed, replaces } = row;
      const handover = signed === null ? {} : { handover: JSON.parse(signed) as PasskeyAssertion };
      // Who does not know the one before cannot judge its signature, and goes by time.
      const byTime = replaces !== null && (signed === null || at === 0);
      const leaf = byTime ? await ledger.firstProofOf(row.enrolment) : undefined;
      const statement = await openEnrolment({ subjectKeys }, row);
      return { statement, ...handover, ...(leaf === undefined ? {} : { leaf }) };
    }),
  );
}

/** Oldest first. */
function chainOf(rows: readonly PasskeyRow[], passkey: PasskeyRow): PasskeyRow[] {
  const chain: PasskeyRow[] = [];
  let at: PasskeyRow | undefined = passkey;
  while (at !== undefined && chain.length < enrolmentsMax) {
    chain.unshift(at);
    const before: string | null = at.replaces;
    at = rows.find(({ enrolment }) => enrolment === before);
  }
  return chain;
}
