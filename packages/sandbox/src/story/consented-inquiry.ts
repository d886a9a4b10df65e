import type { Digest } from '@causeway/protocol';
import type { Category, Purpose } from '@causeway/records';
import type { AnsweredInquiry, InquiryView, Lender } from '@causeway/sdk';
import { approvalNonce } from '@causeway/sdk';
import type { Clients } from '../clients.ts';
import type { SandboxSubject } from '../people/persons.ts';

/** What a lender asks a subject to agree to, in the sandbox's usual terms. */
export interface Terms {
  purpose: Purpose;
  categories: Category[];
  bureaus: string[];
  maxUses: number;
}

/** A consent that a subject gave to a lender. */
export interface Agreed {
  id: string;
  digest: Digest;
  subjectRef: string;
}

const OPERATOR = 'op-17';

/** What a lender usually asks for. */
const USUAL_CATEGORIES: readonly Category[] = ['ACCOUNT_SUMMARY', 'ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'];

/** Terms for a loan application, in the usual categories or in others. */
export function usualTerms(
  bureaus: string[],
  maxUses: number,
  categories: readonly Category[] = USUAL_CATEGORIES,
): Terms {
  return { purpose: 'LOAN_APPROVAL', categories: [...categories], bureaus, maxUses };
}

/** The lender asks, the subject signs in and approves: two parties, two calls, one signed consent. */
export async function agree(
  clients: Clients,
  lender: Lender,
  subject: Pick<SandboxSubject, 'identifier' | 'representative'>,
  terms: Terms,
): Promise<Agreed> {
  const [subjectRef = ''] = await lender.subjectRefs([subject.identifier]);
  return agreeAs(clients, lender, { ...subject, subjectRef }, terms);
}

/** As `agree`, for a subject whose reference the lender has derived before, among many. */
export async function agreeAs(
  clients: Clients,
  lender: Lender,
  subject: Pick<SandboxSubject, 'identifier' | 'representative'> & { subjectRef: string },
  terms: Terms,
): Promise<Agreed> {
  const { subjectRef } = subject;
  const asked = await lender.requestConsent({
    subjectRef,
    purposes: [terms.purpose],
    categories: terms.categories,
    bureaus: terms.bureaus,
    validDays: 30,
    fetch: terms.maxUses === 1 ? 'once' : 'periodic',
    maxUses: terms.maxUses,
    recipientRetention: 'P1Y',
    language: 'zh-CN',
  });
  const idToken = await clients.idToken(subject, approvalNonce(asked.id, asked.formDigest));
  const { id, digest } = await clients.subject().approve(asked.id, idToken);
  return { id, digest, subjectRef };
}

/** Asks under a consent that was given, and returns the verified report. */
export function inquireUnder(
  lender: Lender,
  agreed: Agreed,
  terms: Terms,
  { deadlineSeconds, onChange }: { deadlineSeconds?: number; onChange?: (view: InquiryView) => void } = {},
): Promise<AnsweredInquiry> {
  const question = {
    subjectRef: agreed.subjectRef,
    consent: agreed.digest,
    purpose: terms.purpose,
    categories: terms.categories,
    operator: OPERATOR,
    ...(deadlineSeconds === undefined ? {} : { deadlineSeconds }),
  };
  return lender.inquire(question, onChange);
}
