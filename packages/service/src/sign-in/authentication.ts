import { CausewayError } from '@causeway/protocol';
import Type from 'typebox';

/** How somebody must have signed in. */
export interface Authentication {
  /** Classes of which the provider must name one (`acr`), the best first; none are demanded where empty. */
  readonly acr: readonly string[];
  /** Methods of which it must name one (`amr`, RFC 8176); none are demanded where empty. */
  readonly amr: readonly string[];
}

/** Settings as an operator writes them: names with spaces between. */
export const authenticationNames = Type.Optional(
  Type.String({ pattern: '^[!-~]{1,120}( [!-~]{1,120}){0,15}$' }),
);

/** @returns undefined where neither is set */
export function authenticationOf(
  acr: string | undefined,
  amr: string | undefined,
): Authentication | undefined {
  if (acr === undefined && amr === undefined) return undefined;
  return { acr: acr?.split(' ') ?? [], amr: amr?.split(' ') ?? [] };
}

/** A sign-in counts for what needs a fresh one for so long, seconds; asked as `max_age`. */
export const signInAgeMaxS = 300;
const aheadMaxS = 2;

const text = Type.String({ maxLength: 256 });

/** What an id_token says of how somebody signed in (OpenID Connect Core 1.0, section 2). */
export const authenticationClaims = {
  acr: Type.Optional(text),
  amr: Type.Optional(Type.Array(text, { maxItems: 32 })),
  auth_time: Type.Optional(Type.Integer()),
};

interface Said {
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly auth_time?: number;
}

/**
 * A provider that was asked may still sign somebody in by less, or by what they did an hour ago.
 * @throws CausewayError `authentication_weak`
 */
export function requireAuthentication({ acr, amr, auth_time }: Said, wanted: Authentication, nowS: number) {
  if (wanted.acr.length > 0 && (acr === undefined || !wanted.acr.includes(acr))) throw weak('class');
  if (wanted.amr.length > 0 && !wanted.amr.some((one) => amr?.includes(one) === true)) throw weak('method');
  const ageS = auth_time === undefined ? Infinity : nowS - auth_time;
  if (ageS > signInAgeMaxS || ageS < -aheadMaxS) throw weak('time');
}

const weak = (what: 'class' | 'method' | 'time'): CausewayError =>
  new CausewayError('authentication_weak', { internal: `the ${what} of the sign-in` });
