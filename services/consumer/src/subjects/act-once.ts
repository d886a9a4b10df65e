import { CausewayError } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { ConsumerTables } from '../tables.ts';
import type { SignedIn } from './id-token.ts';
import { spendIdToken } from './repository.ts';

/**
 * Spends an id_token in the transaction of the act it was issued for. Throws `token_invalid` the second time.
 */
export async function actOnce(trx: Transaction<ConsumerTables>, signedIn: SignedIn): Promise<void> {
  if (await spendIdToken(trx, signedIn)) return;
  throw new CausewayError('token_invalid', { detail: 'The id_token has been used. Sign in again.' });
}
