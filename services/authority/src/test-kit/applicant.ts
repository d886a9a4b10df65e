import { seconds } from '@causeway/kernel';
import { systemClock } from '@causeway/kernel/system';
import { type PrivateJwk, generateKey } from '@causeway/protocol/keys';
import { type Application, applicationDigest } from '../admission/application.ts';
import { makeRequest } from '../certificates/request-for-tests.ts';
import { compactJws } from './jws.ts';
import { publicPart } from './officers.ts';

/** An institution that applies: its keys, and its application with proofs. */
export interface Applicant {
  readonly statement: PrivateJwk;
  readonly auth: PrivateJwk;
  readonly tlsKeyPem: string | undefined;
  readonly application: Application;
}

/** A complete application; `change` alters it before the proofs are made. */
export function makeApplicant(
  fed: string,
  id: string,
  role: Application['roles'][number],
  change: (application: Application) => Application = (application) => application,
): Applicant {
  const [statement, auth] = [generateKey(), generateKey()];
  const request = role === 'lender' ? undefined : makeRequest();
  const unproved: Application = change({
    id,
    legal_name: `${id} Ltd`,
    roles: [role],
    class: 'A',
    jurisdiction: 'CN',
    endpoints: request ? { public: 'http://localhost:7999', federation: 'https://localhost:8999' } : {},
    statement_key: { ...publicPart(statement) },
    auth_key: { ...publicPart(auth) },
    ...(request ? { csr: request.csr } : {}),
    proof: { statement: '', auth: '' },
  });
  return { statement, auth, tlsKeyPem: request?.keyPem, application: prove(fed, unproved, statement, auth) };
}

/** The application with proofs by these keys; `claims` replaces members of what they sign. */
export function prove(
  fed: string,
  application: Application,
  statement: PrivateJwk,
  auth: PrivateJwk,
  claims: Record<string, unknown> = {},
): Application {
  const payload = { fed, application: applicationDigest(application), iat: seconds(systemClock), ...claims };
  const header = { typ: 'causeway-application+jws', alg: 'Ed25519' };
  const proof = {
    statement: compactJws(statement, header, payload),
    auth: compactJws(auth, header, payload),
  };
  return { ...application, proof };
}
