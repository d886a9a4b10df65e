import { seconds } from '@causeway/kernel';
import { systemClock } from '@causeway/kernel/system';
import { type PrivateJwk, generateKey } from '@causeway/protocol/keys';
import { type Application, applicationDigest } from '../admission/application.ts';
import { makeRequest } from '../certificates/request-for-tests.ts';
import { compactJws } from './jws.ts';
import { publicPart } from './officers.ts';

/** What checkpoints and cosignatures are signed with. */
export interface TreeKeys {
  readonly ledger: PrivateJwk;
  readonly witness: PrivateJwk;
}

/** An institution that applies: its keys, and its application with proofs. */
export interface Applicant {
  readonly statement: PrivateJwk;
  readonly auth: PrivateJwk;
  /** Of nodes. */
  readonly trees: TreeKeys | undefined;
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
  const trees = role === 'lender' ? undefined : { ledger: generateKey(), witness: generateKey() };
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
    ...(trees
      ? { ledger_key: { ...publicPart(trees.ledger) }, witness_key: { ...publicPart(trees.witness) } }
      : {}),
    proof: { statement: '', auth: '' },
  });
  const application = prove(fed, unproved, { statement, auth, ...trees });
  return { statement, auth, trees, tlsKeyPem: request?.keyPem, application };
}

/** The application with proofs by these keys; `claims` replaces members of what they sign. */
export function prove(
  fed: string,
  application: Application,
  keys: Pick<Applicant, 'statement' | 'auth'> & Partial<TreeKeys>,
  claims: Record<string, unknown> = {},
): Application {
  const payload = { fed, application: applicationDigest(application), iat: seconds(systemClock), ...claims };
  const header = { typ: 'causeway-application+jws', alg: 'Ed25519' };
  const by = (key: PrivateJwk): string => compactJws(key, header, payload);
  const { statement, auth, ledger, witness } = keys;
  const trees = ledger && witness ? { ledger: by(ledger), witness: by(witness) } : {};
  return { ...application, proof: { statement: by(statement), auth: by(auth), ...trees } };
}
