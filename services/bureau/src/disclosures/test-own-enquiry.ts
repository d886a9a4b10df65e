import { digestOf, readUnverified } from '@causeway/protocol';
import type { Inquiry, Signed, UnsignedClaims } from '@causeway/protocol';
import { enrolmentClaims } from '@causeway/protocol/chain.fixture';
import { entryOf, now } from '@causeway/protocol/federation.fixture';
import { party, softPasskey } from '@causeway/protocol/passkey.fixture';
import type { SoftPasskey } from '@causeway/protocol/passkey.fixture';
import type { Category } from '@causeway/records';

import type { World } from '../test-world.ts';

/** The consumer service with a page for passkeys. */
export const withPasskeys = entryOf('consumer', {
  passkeys: { rp_id: party.rp_id, origins: [...party.origins] },
});
/** A passkey of the person that tests are about, and what they ask for. */
export const mine = softPasskey('mine');
export const categories: Category[] = ['ACCOUNT_SUMMARY', 'REPAYMENT_HISTORY', 'INQUIRY', 'SCORE'];

interface Given {
  readonly enrolment?: Signed<'enrolment'>;
  readonly inquiry?: Partial<UnsignedClaims<'inquiry'>>;
  readonly asker?: string;
  readonly use?: number;
}

/** What a person needs to ask about themselves, in a world whose directory has `withPasskeys`. */
export function ownEnquiryOf(world: Pick<World, 'grant' | 'inquiry' | 'signAs'>) {
  const enrolled = (passkey: SoftPasskey, change: Partial<UnsignedClaims<'enrolment'>> = {}) => {
    const { credential_id, public_key } = passkey;
    return world.signAs('consumer', 'enrolment', {
      ...{ ...enrolmentClaims, iat: now - 3600, credential_id, public_key, ...change },
    });
  };
  /** An inquiry of a person about themselves, its grant, and what the person's passkey has signed. */
  const given = ({
    asker = 'consumer',
    enrolment = enrolled(mine),
    inquiry: change,
    use = 1,
  }: Given = {}) => {
    const inquiry = world.inquiry(
      {
        ...{ consent: undefined as never, purpose: 'OWN_ENQUIRY', categories, operator: 'self' },
        ...{ basis: { code: 'OWN_ENQUIRY', cited: enrolment.digest }, ...change },
      },
      asker,
    );
    const { subject_ref } = readUnverified(inquiry).claims as Inquiry;
    const grant = world.grant(inquiry, {
      ...{ consent: undefined as never, basis: 'OWN_ENQUIRY', strength: 'passkey', categories },
      ...{ subject_ref, use },
    });
    const enrolments = [{ statement: enrolment.jws }];
    return { inquiry, grant, passkey: { enrolments, assertion: mine.assert(digestOf(inquiry)) } };
  };
  return { enrolled, given };
}
