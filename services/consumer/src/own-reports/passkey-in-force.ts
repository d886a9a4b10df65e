import type { Consumer } from '../consumer.ts';
import { passkeysAt } from '../passkeys/in-force.ts';
import { passkeysOf } from '../passkeys/repository.ts';
import type { PasskeyRow } from '../passkey-rows.ts';

/**
 * The passkey with which a subject asks for their own report: the one in force of the first of their
 * references that has one. The report is about that reference, because bureaus hold passkeys and records by
 * it.
 */
export async function passkeyInForce(
  { clock, db }: Pick<Consumer, 'clock' | 'db'>,
  refs: readonly string[],
): Promise<PasskeyRow | undefined> {
  const byRef = Map.groupBy(await passkeysOf(db, refs), ({ subject_ref }) => subject_ref);
  const inForce = refs.map((ref) => passkeysAt(byRef.get(ref) ?? [], clock.now()).current);
  return inForce.find((passkey) => passkey !== undefined);
}
