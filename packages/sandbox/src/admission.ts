import { join } from 'node:path';
import { seconds, systemClock } from '@causeway/kernel';
import { type PrivateJwk, sha256Digest } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import { json, send } from '@causeway/sdk';
import { CompactSign, importJWK } from 'jose';
import type { Ceremony } from './ceremony.ts';
import { hasCertificate, isAdmitted, markAdmitted, memberKeys, storeCertificate } from './member-keys.ts';
import { enact } from './officer-acts.ts';
import { listedStaff } from './people/staff.ts';
import { type PlannedMember, type Ports, issuerAt } from './plan.ts';

export interface AdmissionOptions {
  home: string;
  ports: Ports;
  ceremony: Ceremony;
  members: readonly PlannedMember[];
}

/** Has every member that is not yet admitted apply, and two officers admit it. */
export async function admitMembers(options: AdmissionOptions): Promise<void> {
  await Promise.all(options.members.map(async (member) => admit(options, member)));
}

async function admit({ home, ports, ceremony }: AdmissionOptions, member: PlannedMember): Promise<void> {
  const node = member.role !== 'lender';
  const keys = memberKeys(join(home, 'keys', member.id), member.id, node);
  if (isAdmitted(keys) && (!node || hasCertificate(keys))) return;
  const authorityUrl = `http://localhost:${ports.public('authority')}`;
  const staff = listedStaff(member, issuerAt(ports));
  const application = {
    id: member.id,
    legal_name: member.legalName,
    legal_name_zh: member.legalNameZh,
    roles: [member.role],
    class: member.class,
    jurisdiction: 'CN',
    endpoints: node ? endpointsOf(ports, member.id) : {},
    ...(staff === undefined ? {} : { staff }),
    ...(member.role === 'consumer' ? { passkeys: passkeysOf(ports, member.id) } : {}),
    statement_key: publicHalf(keys.statement),
    auth_key: publicHalf(keys.auth),
    ...(keys.csr === undefined ? {} : { csr: keys.csr }),
    ...(keys.trees === undefined ? {} : publicTreeKeys(keys.trees)),
  };
  const digest = sha256Digest(canonicalJson(application));
  const claims = { fed: ceremony.fed, application: digest, iat: seconds(systemClock) };
  const proving = { statement: keys.statement, auth: keys.auth, ...keys.trees };
  const proof = Object.fromEntries(
    await Promise.all(
      Object.entries(proving).map(async ([name, key]) => [name, await prove(key, claims)] as const),
    ),
  );
  const applied = await post(`${authorityUrl}/v1/applications`, { ...application, proof });
  const id = String(applied['application']);
  await enact(authorityUrl, ceremony, { act: 'admit', application: id, digest });
  const decided = json(await send({ method: 'GET', url: `${authorityUrl}/v1/applications/${id}` }));
  if (node) storeCertificate(keys, String(decided['certificate']), String(decided['ca']));
  // A crash before this line makes the next start apply again, which the authority answers for the same keys.
  markAdmitted(keys);
}

async function prove(key: PrivateJwk, claims: Record<string, unknown>): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ typ: 'causeway-application+jws', alg: 'Ed25519' })
    .sign(await importJWK({ ...key }, 'Ed25519'));
}

async function post(url: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  return json(await send({ method: 'POST', url, headers, body: JSON.stringify(body) }));
}

const publicTreeKeys = ({ ledger, witness }: { ledger: PrivateJwk; witness: PrivateJwk }) => ({
  ledger_key: publicHalf(ledger),
  witness_key: publicHalf(witness),
});

const publicHalf = ({ kty, crv, x }: PrivateJwk) => ({ kty, crv, x });

/** Browsers take `localhost` for a secure host without TLS. */
const passkeysOf = (ports: Ports, id: string) => ({
  rp_id: 'localhost',
  origins: [`http://localhost:${ports.public(id)}`],
});

const endpointsOf = (ports: Ports, id: string) => ({
  public: `http://localhost:${ports.public(id)}`,
  federation: `https://localhost:${ports.federation(id)}`,
});
