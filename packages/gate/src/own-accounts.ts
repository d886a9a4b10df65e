import type { AccountRecord, CreditRecord } from '@causeway/records';
import type { Against } from './asker.ts';
import type { Permit } from './permit.ts';

/** Obligations that bind an answer to the asker's own business with the subject begin so. */
const prefix = 'own.';

/** An account in one of these states is the asker's business no more; in an unknown one nobody can tell. */
const over: ReadonlySet<AccountRecord['status']> = new Set([
  'settled',
  'closed',
  'transferred',
  'ended',
  'unknown',
]);

const isOpen = ({ closed, status }: AccountRecord): boolean => closed === undefined && !over.has(status);

/** True where an answer under this permit depends on what the records say, so that they must be read. */
export function bindsToOwnAccounts({ obligations }: Pick<Permit, 'obligations'>): boolean {
  return obligations.some((obligation) => obligation.startsWith(prefix));
}

/** What may go out of a bureau's records on a subject, or the reason why nothing does. */
export type WithinObligations = { readonly records: readonly CreditRecord[] } | { readonly against: Against };

/**
 * Honours the obligations of a permit that rests on an earlier inquiry of the asker instead of a consent.
 * `records` are all that the bureau holds on the subject, not yet projected. Accounts name their lender in
 * `lender_ref`, by its member id.
 *
 * - `own.open_account`: the bureau answers only where the asker has an open account of this subject here.
 * - `own.accounts_only`: nothing but the asker's own accounts goes out.
 *
 * An obligation of this kind that is not known here is a refusal: what cannot be honoured is not answered.
 */
export function withinObligations(
  records: readonly CreditRecord[],
  { lender, obligations }: Pick<Permit, 'lender' | 'obligations'>,
): WithinObligations {
  const own = obligations.filter((obligation) => obligation.startsWith(prefix));
  if (own.length === 0) return { records };
  const accounts = records.filter(
    (record): record is AccountRecord => record.record === 'account' && record.lender_ref === lender,
  );
  let open = records;
  for (const obligation of own) {
    if (obligation === 'own.open_account') {
      if (!accounts.some(isOpen)) return refused(obligation);
    } else if (obligation === 'own.accounts_only') {
      open = accounts;
    } else {
      return refused(obligation);
    }
  }
  return { records: open };
}

const refused = (obligation: string): WithinObligations => ({
  against: { code: 'not_authorised', rule: obligation },
});
