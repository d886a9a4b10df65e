import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError, type DirectoryView } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import { checkOpen } from '../consents/give.ts';
import type { Consumer } from '../consumer.ts';
import { type Acting, checkScope, holdMandate } from '../mandates/acting.ts';
import type { ConsentRequestRow } from '../tables.ts';
import { type ConsentForm, renderForm } from './form.ts';
import { lockRequest, narrowRequest } from './repository.ts';
import { provisionForm } from './provision.ts';
import type { ConsentChoice, ConsentRequestBody } from './schema.ts';
import { askedOf, requestView } from './service.ts';
import { checkTerms } from './terms.ts';

/**
 * The subject leaves out what the lender calls optional, or takes it in again, before they approve: the
 * request has another form then, and only that one can be approved. Throws `not_found` for another's request
 * as for none, `conflict` where it is not open, and `bad_request` for what was not asked for, or where
 * something required is missing.
 */
export async function chooseParts(
  consumer: Consumer,
  refs: readonly string[],
  { choice, id }: { readonly id: string; readonly choice: ConsentChoice },
  acting?: Acting,
) {
  return await transaction(consumer.db, async (trx) => {
    const row = await lockRequest(trx, refs, id);
    if (!row) throw new CausewayError('not_found');
    checkScope(acting, row.purposes);
    await holdMandate(trx, consumer, acting);
    checkOpen(consumer, row);
    const asked = askedOf(row);
    const chosen = {
      categories: chosenOf(
        asked.categories,
        choice.categories,
        row.optional?.categories ?? [],
        '/categories',
      ),
      bureaus: chosenOf(asked.bureaus, choice.bureaus, row.optional?.bureaus ?? [], '/bureaus'),
    };
    const form = formOf(consumer.directory(), { ...row, ...chosen });
    const narrowed = { ...row, ...chosen, asked, form: form.text, form_digest: form.digest };
    const { bureaus, categories, form: text, form_digest, subject_ref } = narrowed;
    await narrowRequest(trx, { subject_ref, id, categories, bureaus, asked, form: text, form_digest });
    // A crash after the commit loses only the answer: the list shows the form as it is now.
    return requestView(narrowed, consumer.clock.now());
  });
}

function formOf(directory: DirectoryView, row: ConsentRequestRow): ConsentForm {
  const { contract, kind, language, lender } = row;
  if (kind === 'provide') {
    const { bureaus, categories, valid_days } = row;
    const left = { bureaus, categories, valid_days, language, contract: contract ?? '' };
    return provisionForm(directory, lender, left);
  }
  return renderForm(checkTerms(bodyOf({ ...row, kind }), lender, directory, NATIONAL_POLICY), language);
}

/** In the order in which they were asked for, so that the same choice has the same form. */
function chosenOf<T extends string>(
  asked: readonly T[],
  choice: readonly T[],
  optional: readonly T[],
  pointer: string,
): T[] {
  const left = asked.filter((one) => choice.includes(one));
  const gone = asked.filter((one) => !choice.includes(one));
  if (left.length === choice.length && gone.every((one) => optional.includes(one))) return left;
  const detail = 'Choose among what is asked for, and leave in what is required.';
  throw new CausewayError('bad_request', { detail, pointer });
}

/** The terms of a request as its lender sent them, without what does not bear on another form. */
function bodyOf(row: ConsentRequestRow & { readonly kind: 'query' }): ConsentRequestBody {
  const { frequency, kind, language, max_uses, product, purposes, recipient_retention } = row;
  const { bureaus, categories, fetch, subject_ref, valid_days } = row;
  return {
    ...{ subject_ref, kind, purposes, categories, bureaus, valid_days, fetch, max_uses },
    ...{ recipient_retention, language },
    ...(product === null ? {} : { product }),
    ...(frequency === null ? {} : { frequency }),
  };
}
