import { digestOf, type Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import type { StatementType } from './statement-types.ts';
import { readUnverified } from './verify.ts';

/** A statement of a bundle with the ledger that has its leaf. By its own word: nothing is verified yet. */
export interface LeafedStatement {
  readonly type: StatementType;
  readonly digest: Digest;
  readonly issuer: string;
  /** The member in whose ledger the leaf is: the issuer, but of an inquiry, which the broker logs. */
  readonly ledger: string;
}

/** The statements of a bundle, each of which has a leaf. Throws `statement_malformed`. */
export function statementsIn(bundle: EvidenceBundle): LeafedStatement[] {
  const broker = issuerOf(bundle.report);
  const of = (type: StatementType, jws: string): LeafedStatement => {
    const issuer = issuerOf(jws);
    return { type, digest: digestOf(jws), issuer, ledger: type === 'inquiry' ? broker : issuer };
  };
  return [
    ...(bundle.consent === undefined ? [] : [of('consent', bundle.consent)]),
    ...(bundle.passkey?.enrolments ?? []).map(({ statement }) => of('enrolment', statement)),
    of('inquiry', bundle.inquiry),
    ...bundle.grants.map((jws) => of('grant', jws)),
    ...bundle.disclosures.map((jws) => of('disclosure', jws)),
    of('report', bundle.report),
  ];
}

function issuerOf(jws: string): string {
  const issuer = claimOf(jws, 'iss');
  if (typeof issuer !== 'string') throw new CausewayError('statement_malformed', { pointer: '/iss' });
  return issuer;
}

/** When a statement was issued by its own word, in seconds. Throws `statement_malformed`. */
export function issuedAt(jws: string): number {
  const iat = claimOf(jws, 'iat');
  if (typeof iat !== 'number') throw new CausewayError('statement_malformed', { pointer: '/iat' });
  return iat;
}

/** A member of what a statement claims, unverified. */
export const claimOf = (jws: string, name: string): unknown => memberOf(readUnverified(jws).claims, name);

export const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
