import {
  CausewayError,
  linkDisclosure,
  verify,
  type Disclosure,
  type Grant,
  type Verified,
} from '@causeway/protocol';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { standingKeys } from '@causeway/protocol/standing-keys';
import { presentedGrant } from './rounds.ts';

/** Clocks of two nodes may be this far apart. */
const skewSeconds = 2;

interface Received {
  readonly inquiry: OpenInquiry;
  readonly bureau: string;
  readonly grant: Verified<Grant>;
}

/**
 * A bureau's disclosure, checked in full: signed by that bureau for this lender, for this inquiry and use,
 * under a grant that was presented to that bureau, while that grant lived, and not wider. A second attempt
 * may bring the bytes that the bureau stored at the first one: they cite the earlier grant and are as old as
 * it.
 * @throws CausewayError
 */
export async function checkDisclosure(
  broker: Broker,
  received: Received,
  jws: string,
): Promise<Verified<Disclosure>> {
  const { bureau, grant, inquiry } = received;
  const disclosure = verify('disclosure', jws, {
    keys: broker.directory.view().keys,
    fed: broker.fed,
    nowMs: broker.clock.now(),
    audience: inquiry.claims.iss,
    received: 'forwarded',
    issuer: bureau,
  });
  const { grant: digest, iat } = disclosure.claims;
  const cited = digest === grant.digest ? grant : await earlierGrant(broker, received, digest);
  linkDisclosure(inquiry.statement, disclosure, cited);
  if (iat < cited.claims.iat - skewSeconds || iat > cited.claims.exp + skewSeconds) {
    throw new CausewayError('time_window', { pointer: '/iat' });
  }
  return disclosure;
}

/** @throws CausewayError link_mismatch where this bureau was never shown a grant of this digest */
async function earlierGrant(
  broker: Broker,
  received: Received,
  digest: Grant['inquiry'],
): Promise<Verified<Grant>> {
  const { bureau, inquiry } = received;
  const jws = await presentedGrant(broker.db, inquiry, digest);
  if (jws === undefined) throw new CausewayError('link_mismatch', { pointer: '/grant' });
  return verify('grant', jws, {
    keys: standingKeys(broker.directory.view().keys),
    fed: broker.fed,
    nowMs: broker.clock.now(),
    audience: bureau,
    received: 'archived',
  });
}
