import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { usualTerms } from '@causeway/sandbox/story/consented-inquiry';

export const lender = 'abc-bank';

interface Asked {
  readonly person?: string;
  readonly language?: 'zh-CN' | 'en';
}

/** A lender asks for a person's consent; what it can do with it afterwards. */
export async function asked(federation: Federation, { language = 'zh-CN', person = 'li-na' }: Asked = {}) {
  const client = federation.lender(lender);
  const terms = usualTerms(federation.card.bureaus, 5);
  const [subjectRef = ''] = await client.subjectRefs([sandboxSubject(person).identifier]);
  const question = await client.requestConsent({
    ...{ subjectRef, purposes: [terms.purpose], bureaus: terms.bureaus },
    categories: [...terms.categories, 'PUBLIC_RECORD'],
    ...{ validDays: 30, fetch: 'periodic', maxUses: 5, recipientRetention: 'P1Y', language },
    optional: { categories: ['PUBLIC_RECORD'] },
    product: { name: '汽车贷款', amount: '150000.00', currency: 'CNY', apr: '7.2' },
  });
  const inquire = async () => {
    const { consent } = await client.consent(question);
    if (consent === undefined) throw new Error('nobody has agreed');
    return await client.inquire({
      ...{
        subjectRef,
        consent: consent.digest,
        purpose: terms.purpose,
        categories: terms.categories,
        operator: 'op-1',
      },
    });
  };
  const evidence = async (id: string) => await client.evidence(id);
  return { inquire, evidence };
}
