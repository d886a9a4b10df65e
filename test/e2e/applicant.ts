import { seconds, systemClock } from '@causeway/kernel';
import { type PrivateJwk, type PublicJwk, generateKey, sha256Digest, thumbprint } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import type { Federation } from '@causeway/sandbox/federation';
import { memberKeys } from '@causeway/sandbox/member-keys';
import { enact } from '@causeway/sandbox/officer-acts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './federation-call.ts';
import { signRaw } from './raw-statement.ts';

/** An application as its applicant sends it, and what officers sign. */
export interface Application {
  body: Record<string, unknown>;
  digest: string;
}

/** What a test may say about an applicant; the rest is in order. */
export interface Applicant {
  id: string;
  role: 'broker' | 'bureau' | 'lender';
  statementKey: PublicJwk;
  authKey: PublicJwk;
  csr?: string | undefined;
  legalName?: string;
  /** Of a node; new ones where absent. */
  trees?: { ledger: PrivateJwk; witness: PrivateJwk } | undefined;
  /** The proof of possession over the application's digest, by key. */
  prove: (claims: Record<string, unknown>, key: 'statement' | 'auth') => string;
}

const header = { typ: 'causeway-application+jws', alg: 'Ed25519' };

/** A proof of possession by a private key. */
export const proofBy = (claims: Record<string, unknown>, key: PrivateJwk): string =>
  signRaw({ header, claims }, key);

/** An application that is complete, its digest and its proofs. */
export function applicationOf(federation: Federation, applicant: Applicant): Application {
  const { id, role, statementKey, authKey, csr, legalName = 'Newcomer' } = applicant;
  const trees: Record<string, PrivateJwk> =
    role === 'lender' ? {} : (applicant.trees ?? { ledger: generateKey(), witness: generateKey() });
  const endpoints = { public: 'http://localhost:1', federation: 'https://localhost:2' };
  const application = {
    ...{ id, legal_name: legalName, roles: [role], class: 'A', jurisdiction: 'CN' },
    endpoints: role === 'lender' ? {} : endpoints,
    ...{ statement_key: statementKey, auth_key: authKey },
    ...(csr === undefined ? {} : { csr }),
    ...Object.fromEntries(Object.entries(trees).map(([name, key]) => [`${name}_key`, publicHalf(key)])),
  };
  const digest = sha256Digest(canonicalJson(application));
  const claims = { fed: federation.ceremony.fed, application: digest, iat: seconds(systemClock) };
  const proof = {
    ...{ statement: applicant.prove(claims, 'statement'), auth: applicant.prove(claims, 'auth') },
    ...Object.fromEntries(Object.entries(trees).map(([name, key]) => [name, proofBy(claims, key)])),
  };
  return { body: { ...application, proof }, digest };
}

/** Sends an application. */
export async function apply(federation: Federation, body: unknown) {
  const url = `${federation.url('authority')}/v1/applications`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** A newcomer with a certificate, admitted by both officers. */
export async function admitted(
  federation: Federation,
  { id, role, keysDir }: { id: string; role: Applicant['role']; keysDir: string },
): Promise<Certificate> {
  const keys = memberKeys(keysDir, id, true);
  const prove: Applicant['prove'] = (claims, key) => proofBy(claims, keys[key]);
  const halves = { statementKey: publicHalf(keys.statement), authKey: publicHalf(keys.auth) };
  const { body, digest } = applicationOf(federation, {
    ...{ id, role, csr: keys.csr, trees: keys.trees, prove },
    ...halves,
  });
  const application = String((await apply(federation, body)).body['application']);
  await enact(federation.url('authority'), federation.ceremony, { act: 'admit', application, digest });
  const decided = await fetch(`${federation.url('authority')}/v1/applications/${application}`);
  const { certificate } = (await decided.json()) as { certificate: string };
  return { key: readFileSync(join(keysDir, 'tls-key.pem'), 'utf8'), cert: certificate };
}

/** The part of a key that may be sent. */
export const publicHalf = ({ kty, crv, x }: PrivateJwk): PublicJwk => ({ kty, crv, x });

/** An act that all officers of the sandbox have signed, whatever it says. */
export function signedAct({ ceremony }: Federation, claims: Record<string, unknown>) {
  const signed = ceremony.officers.map(({ key }) => {
    const kid = thumbprint(publicHalf(key));
    return signRaw({ header: { typ: 'causeway-act+jws', alg: 'Ed25519', kid }, claims }, key).split('.');
  });
  const signatures = signed.map(([first, , last]) => ({ protected: first, signature: last }));
  return { payload: signed[0]?.[1], signatures };
}
