import { CausewayError, readUnverified, verify } from '@causeway/protocol';
import type { Asserted } from '@causeway/gate';
import type { Grant, Inquiry, Verified, VerifyContext } from '@causeway/protocol';

import type { Bureau } from '../bureau.ts';
import { assertedInquiry } from './own-enquiry.ts';
import { checkPasskeyConsent, claimsPasskey, type SignedConsent } from './passkey-consent.ts';
import { wasPresented } from './repository.ts';

/** An inquiry and a grant whose signatures hold; whether they belong together is the gate's question. */
export interface Presented {
  readonly inquiry: Verified<Inquiry>;
  readonly grant: Verified<Grant>;
  /** The member at the other end of the connection. */
  readonly peer: string;
  /** Of a person's inquiry about themselves: that their passkey has signed it. */
  readonly asserted: Asserted | undefined;
}

/**
 * Verifies what a broker presented: the inquiry is forwarded, the grant comes from its issuer within its
 * two seconds. A grant that was presented before, and may come again over a broken connection, is judged by
 * its exp alone.
 * @throws CausewayError
 */
export async function verifyItem(
  bureau: Bureau,
  item: SignedConsent & { inquiry: string; grant: string },
  peer: string,
): Promise<Presented> {
  await catchUp(bureau, item.grant);
  const context = contextOf(bureau);
  const grant = await verifyGrant(bureau, item.grant, context);
  const inquiry = verify('inquiry', item.inquiry, { ...context, audience: peer, received: 'forwarded' });
  if (claimsPasskey(grant)) await checkPasskeyConsent(bureau, { inquiry, grant }, item, context);
  return { inquiry, grant, peer, asserted: await assertedInquiry(bureau, inquiry, item.passkey) };
}

/** A node that is behind the directory on which the decision rests fetches before it acts. */
async function catchUp(bureau: Bureau, grant: string): Promise<void> {
  const { claims } = readUnverified(grant);
  if (typeof claims !== 'object' || claims === null) return;
  const version: unknown = Reflect.get(claims, 'directory_version');
  if (typeof version === 'number' && version > bureau.directory.view().version) {
    await bureau.directory.refresh(version);
  }
}

type Context = Pick<VerifyContext, 'keys' | 'fed' | 'nowMs'>;

const contextOf = ({ directory, fed, clock }: Bureau): Context => ({
  keys: directory.view().keys,
  fed,
  nowMs: clock.now(),
});

async function verifyGrant(bureau: Bureau, jws: string, context: Context): Promise<Verified<Grant>> {
  const mine = { ...context, audience: bureau.me };
  try {
    return verify('grant', jws, { ...mine, received: 'first' });
  } catch (error) {
    if (!(error instanceof CausewayError) || error.code !== 'time_window') throw error;
    const grant = verify('grant', jws, { ...mine, received: 'forwarded' });
    if (await wasPresented(bureau.db, grant)) return grant;
    throw error;
  }
}
