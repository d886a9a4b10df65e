import { decide, historyTerms, type PolicySet } from '@causeway/policy';
import { CausewayError, type DirectoryView, type MemberEntry } from '@causeway/protocol';
import type { ConsentTerms } from './form.ts';
import { isPlainLine } from './plain-line.ts';
import type { ConsentRequestBody, DeclaredProduct, OptionalParts } from './schema.ts';

/**
 * What a lender asks for, checked against directory and policy, so that no subject is shown a form for what
 * could never be answered. Throws `role_not_permitted`, `purpose_not_permitted`, `category_not_permitted` or
 * `bad_request`.
 */
export function checkTerms(
  body: ConsentRequestBody,
  lender: string,
  directory: DirectoryView,
  policy: PolicySet,
): ConsentTerms {
  const grantee = directory.member(lender);
  if (!grantee?.roles.includes('lender')) throw new CausewayError('role_not_permitted');
  if (body.fetch === 'once' && body.max_uses !== 1) {
    throw new CausewayError('bad_request', { detail: 'fetch once has max_uses 1.', pointer: '/max_uses' });
  }
  checkLife(body.valid_days, policy);
  if (body.fetch === 'once' && body.frequency !== undefined) {
    throw new CausewayError('bad_request', { detail: 'fetch once has no frequency.', pointer: '/frequency' });
  }
  if (body.product !== undefined) {
    checkProduct(body.product);
    if (isBecauseOfAnother(body.purposes, policy)) {
      const detail =
        'What somebody else has applied for is not told to the person who is asked because of it.';
      throw new CausewayError('bad_request', { detail, pointer: '/product' });
    }
  }
  if (body.optional !== undefined) checkOptional(body, body.optional);
  for (const purpose of body.purposes) checkPurpose(purpose, body.categories, grantee, policy);
  return {
    grantee,
    bureaus: body.bureaus.map((bureau) => activeBureau(bureau, directory)),
    purposes: body.purposes,
    categories: body.categories,
    validDays: body.valid_days,
    fetch: body.fetch,
    maxUses: body.max_uses,
    frequency: body.frequency,
    recipientRetention: body.recipient_retention,
    product: body.product,
  };
}

/** Whether a subject is asked about for any of these purposes because somebody else has applied. */
export function isBecauseOfAnother(purposes: readonly string[], policy: PolicySet): boolean {
  return purposes.some((purpose) => historyTerms(policy, { purpose, roles: [] }).named_as !== undefined);
}

/** Throws `bad_request` for a consent that would last too long. */
export function checkLife(validDays: number, { parameters }: PolicySet): void {
  if (validDays <= parameters.consent_valid_days_max) return;
  const detail = `A consent is valid for at most ${parameters.consent_valid_days_max} days.`;
  throw new CausewayError('bad_request', { detail, pointer: '/valid_days' });
}

/** Parts that are asked for, and something of each kind is left without them. */
export function checkOptional(
  { bureaus, categories }: { readonly bureaus: readonly string[]; readonly categories: readonly string[] },
  optional: OptionalParts,
): void {
  const checked: [string, readonly string[], readonly string[]][] = [
    ['/optional/categories', categories, optional.categories ?? []],
    ['/optional/bureaus', bureaus, optional.bureaus ?? []],
  ];
  for (const [pointer, asked, mayGo] of checked) {
    if (mayGo.length < asked.length && mayGo.every((one) => asked.includes(one))) continue;
    const detail = 'What may be left out is asked for, and something is required.';
    throw new CausewayError('bad_request', { detail, pointer });
  }
}

/** A name that is one line of text to every reader, and an amount that is one of some currency. */
function checkProduct({ amount, currency, name }: DeclaredProduct): void {
  if (!isPlainLine(name)) {
    throw new CausewayError('bad_request', { detail: 'One line of plain text.', pointer: '/product/name' });
  }
  if ((amount === undefined) === (currency === undefined)) return;
  const detail = 'An amount has a currency, and a currency an amount.';
  throw new CausewayError('bad_request', { detail, pointer: '/product/currency' });
}

function checkPurpose(
  purpose: string,
  categories: readonly string[],
  asker: MemberEntry,
  policy: PolicySet,
): void {
  const ground = { by: 'consent', strength: 'unseen' } as const;
  const decision = decide(policy, { purpose, categories, asker, ground });
  if (decision.decision === 'deny') throw new CausewayError(decision.code);
}

export function activeBureau(id: string, directory: DirectoryView): MemberEntry {
  const entry = directory.member(id);
  if (entry?.status === 'active' && entry.roles.includes('bureau')) return entry;
  throw new CausewayError('bad_request', { detail: 'Name bureaus of the directory.', pointer: '/bureaus' });
}
