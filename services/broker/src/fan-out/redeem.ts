import {
  CausewayError,
  isErrorCode,
  linkConsent,
  linkGrant,
  verify,
  type Consent,
  type Grant,
  type PasskeyProof,
  type Refusal,
  type Verified,
  type VerifyContext,
} from '@causeway/protocol';
import type { Broker } from '../broker.ts';
import type { SignedByPasskey } from '../calls.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';

/** What the consumer service granted for one use of an inquiry; each grant lives 15 s. */
export interface Redemption {
  readonly use: number;
  /** Absent where the inquiry rests on a basis instead of a consent. */
  readonly consent: Verified<Consent> | undefined;
  /** By what a passkey has agreed to the consent; the bureaus judge it. */
  readonly passkey: PasskeyProof | undefined;
  /** By the node they are addressed to: the bureaus, and the broker itself. */
  readonly grants: ReadonlyMap<string, Verified<Grant>>;
}

export type Redeemed = { readonly granted: Redemption } | { readonly refused: Verified<Refusal> };

/**
 * Redeems an inquiry at the consumer service, for all its nodes or for the named ones. The same inquiry again
 * gets the same use and renewed grants, so a crash after this call loses nothing.
 * @throws CausewayError with the item's own code, or `unavailable` where the consumer service does not answer
 */
export async function redeem(
  broker: Broker,
  inquiry: OpenInquiry,
  nodes?: readonly string[],
): Promise<Redeemed> {
  const consumer = consumerService(broker);
  const call = { inquiry: inquiry.statement.jws, ...(nodes === undefined ? {} : { nodes }) };
  const result = await broker.calls.grants.submit(call);
  if ('error' in result) {
    const { code } = result.error;
    throw new CausewayError(isErrorCode(code) ? code : 'unavailable', {
      internal: 'refused by the consumer service',
    });
  }
  if ('refusal' in result) return { refused: checkRefusal(broker, inquiry, consumer, result.refusal) };
  const grants = result.grants.map((jws) => checkGrant(broker, inquiry, consumer, result.use, jws));
  await catchUp(broker, grants);
  return {
    granted: {
      use: result.use,
      consent:
        result.consent === undefined ? undefined : checkConsent(broker, inquiry, consumer, result.consent),
      passkey: result.passkey,
      grants: new Map(grants.map((grant) => [grant.claims.aud, grant])),
    },
  };
}

/** What goes to a bureau beside a grant whose strength is a passkey's. */
export function signedByPasskey({
  consent,
  passkey,
}: Pick<Redemption, 'consent' | 'passkey'>): SignedByPasskey | undefined {
  if (passkey === undefined) return undefined;
  return consent === undefined ? { passkey } : { consent: consent.jws, passkey };
}

/** The one active consumer service of the federation. @throws CausewayError not_ready */
export function consumerService(broker: Pick<Broker, 'directory'>): string {
  const active = broker.directory
    .view()
    .membersWith('consumer')
    .find((entry) => entry.status === 'active');
  if (active === undefined) throw new CausewayError('not_ready', { internal: 'no active consumer service' });
  return active.id;
}

/** A refusal of `issuer` for this very inquiry. @throws CausewayError */
export function checkRefusal(
  broker: Broker,
  inquiry: OpenInquiry,
  issuer: string,
  jws: string,
): Verified<Refusal> {
  const context = contextFor(broker, issuer, inquiry.claims.iss);
  const refusal = verify('refusal', jws, { ...context, received: 'forwarded' });
  if (refusal.claims.inquiry !== inquiry.digest)
    throw new CausewayError('link_mismatch', { pointer: '/inquiry' });
  return refusal;
}

function checkGrant(
  broker: Broker,
  inquiry: OpenInquiry,
  issuer: string,
  use: number,
  jws: string,
): Verified<Grant> {
  const grant = verify('grant', jws, { ...contextFor(broker, issuer, 'any'), received: 'first' });
  linkGrant(inquiry.statement, grant);
  if (grant.claims.use !== use) throw new CausewayError('link_mismatch', { pointer: '/use' });
  return grant;
}

function checkConsent(broker: Broker, inquiry: OpenInquiry, issuer: string, jws: string): Verified<Consent> {
  const consent = verify('consent', jws, { ...contextFor(broker, issuer, 'any'), received: 'forwarded' });
  linkConsent(inquiry.statement, consent);
  return consent;
}

function contextFor(broker: Broker, issuer: string, audience: string): Omit<VerifyContext, 'received'> {
  const { keys } = broker.directory.view();
  return { keys, fed: broker.fed, nowMs: broker.clock.now(), audience, issuer };
}

/** A node behind a grant's directory version fetches before it acts. */
async function catchUp(broker: Broker, grants: readonly Verified<Grant>[]): Promise<void> {
  const version = Math.max(0, ...grants.map((grant) => grant.claims.directory_version));
  if (version > broker.directory.view().version) await broker.directory.refresh(version);
}
