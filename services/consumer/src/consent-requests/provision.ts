import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError, type DirectoryView } from '@causeway/protocol';
import type { Category } from '@causeway/records';
import type { Consumer } from '../consumer.ts';
import type { ConsentRequestRow } from '../tables.ts';
import { isPlainLine } from './plain-line.ts';
import { type ProvisionTerms, renderProvision } from './provision-words.ts';
import type { ProvisionRequestBody } from './schema.ts';
import { requestOnce } from './service.ts';
import { activeBureau, checkLife, checkOptional } from './terms.ts';

/** What a lender can say of its own customers. Scores and looks are not a lender's to give. */
const providable: ReadonlySet<Category> = new Set<Category>([
  ...(['IDENTITY', 'EMPLOYMENT', 'ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'] as const),
  ...(['GUARANTEE', 'POSTPAID', 'FINANCIALS'] as const),
]);

/** Nobody spends it, so that there is nothing to count; the statement has a number all the same. */
const uncounted = 100_000;
/** Adverse information is kept five years (Regulation, article 16); the bureaus' rules say it in full. */
const retention = 'P5Y';

/**
 * Takes a lender's request that a subject lets it give data about a contract to bureaus, once per idempotency
 * key. It is answered, approved and withdrawn as a request to query, and is never one. Throws as
 * `requestConsent` does.
 */
export async function requestProvision(
  consumer: Consumer,
  caller: { lender: string; key: string },
  body: ProvisionRequestBody,
): Promise<unknown> {
  return await requestOnce(consumer, caller, body, () => {
    const form = provisionForm(consumer.directory(), caller.lender, body);
    return {
      ...{ subject_ref: body.subject_ref, kind: 'provide', purposes: [], categories: body.categories },
      ...{ bureaus: body.bureaus, optional: body.optional ?? null, asked: null, product: null },
      ...{ valid_days: body.valid_days, fetch: 'periodic', max_uses: uncounted, frequency: null },
      ...{ recipient_retention: retention, language: body.language, contract: body.contract },
      ...{ form: form.text, form_digest: form.digest },
    };
  });
}

/** The form of what is asked for, or of what is left of it. Throws as `requestProvision`. */
export function provisionForm(
  directory: DirectoryView,
  lender: string,
  asked: Pick<ConsentRequestRow, 'categories' | 'bureaus' | 'valid_days' | 'language'> &
    Pick<ProvisionRequestBody, 'contract' | 'optional'>,
) {
  return renderProvision(checkProvision(directory, lender, asked), asked.language);
}

function checkProvision(
  directory: DirectoryView,
  lender: string,
  asked: Parameters<typeof provisionForm>[2],
): ProvisionTerms {
  const { bureaus, categories, contract, optional, valid_days: validDays } = asked;
  const provider = directory.member(lender);
  if (!provider?.roles.includes('lender')) throw new CausewayError('role_not_permitted');
  checkLife(validDays, NATIONAL_POLICY);
  if (!isPlainLine(contract))
    throw new CausewayError('bad_request', { detail: 'One line of plain text.', pointer: '/contract' });
  if (optional !== undefined) checkOptional(asked, optional);
  if (!categories.every((category) => providable.has(category)))
    throw new CausewayError('category_not_permitted');
  const named = bureaus.map((bureau) => activeBureau(bureau, directory));
  return { provider, bureaus: named, categories, contract, validDays };
}
