import { systemClock, systemRandom, seconds, uuidv7 } from '@causeway/kernel';
import { type Digest, type PrivateJwk, type PublicJwk, sha256Digest } from '@causeway/protocol';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { Category } from '@causeway/records';
import { json, send } from '@causeway/sdk';
import { CompactSign, GeneralSign, calculateJwkThumbprint, importJWK } from 'jose';
import type { Ceremony } from './ceremony.ts';

/** What two officers decide, before it has an id and a date. */
export type OfficerAct =
  | { act: 'admit'; application: string; digest: string }
  | { act: 'suspend' | 'reinstate'; member: string }
  | { act: 'revoke_key' | 'retire_key'; member: string; kid: string }
  | { act: 'remove_certificate'; member: string; thumbprint: string }
  | { act: 'set_staff'; member: string; staff?: MemberEntry['staff'] };

/** What two officers allow without a subject's consent. Times in seconds since the epoch. */
export interface WarrantTerms {
  purpose: 'JUDICIAL' | 'SUPERVISION';
  subject_ref: string;
  categories: Category[];
  bureaus: string[];
  /** Digest of the court's or supervisor's paper. */
  paper: Digest;
  valid_from: number;
  valid_until: number;
}

/** What the authority answers to an act that takes rights away: who knows, and who hears of it later. */
export interface StaffChanged {
  readonly directory_version: number;
  readonly acknowledgements: readonly { readonly node: string }[];
  readonly waiting: readonly string[];
}

/** The authority waits this long for nodes to acknowledge, and a little for itself. */
const ACT_MS_MAX = 20_000;

/**
 * Has every officer of the sandbox sign an act and sends it to the authority. Returns what it answers: after
 * suspension, who has acknowledged it.
 */
export async function enact(
  authorityUrl: string,
  ceremony: Ceremony,
  act: OfficerAct,
): Promise<Record<string, unknown>> {
  const path = act.act === 'admit' ? '/v1/members' : `/v1/members/${act.member}/acts`;
  return await post(`${authorityUrl}${path}`, { act: await signedByAll(ceremony, dated(ceremony, act)) });
}

/** Has every officer sign a warrant and records it; the inquiry that comes back is the one that it allows. */
export async function issueWarrant(
  authorityUrl: string,
  ceremony: Ceremony,
  terms: WarrantTerms,
): Promise<{ warrant: Digest; inquiry: string }> {
  const act = await signedByAll(ceremony, dated(ceremony, { act: 'warrant', ...terms }));
  const { inquiry, warrant } = await post(`${authorityUrl}/v1/warrants`, { act });
  return { warrant: String(warrant) as Digest, inquiry: String(inquiry) };
}

/**
 * Has a member's new key enrolled for these statement types; the key itself proves that the member holds it.
 */
export async function enrolKey(
  authorityUrl: string,
  ceremony: Ceremony,
  { member, key, use }: { member: string; key: PrivateJwk; use: string[] },
): Promise<void> {
  await postKey(authorityUrl, ceremony, key, { act: 'add_key', member, jwk: publicPart(key), use });
}

/** Has the key that signs a node's checkpoints, or the one that it cosigns with, replaced by another. */
export async function replaceTreeKey(
  authorityUrl: string,
  ceremony: Ceremony,
  { member, key, tree }: { member: string; key: PrivateJwk; tree: 'ledger' | 'witness' },
): Promise<void> {
  const act = { act: 'replace_tree_key', member, tree, jwk: publicPart(key) };
  await postKey(authorityUrl, ceremony, key, act);
}

/** Sends an act about a new key with the proof by that key. */
async function postKey(
  authorityUrl: string,
  ceremony: Ceremony,
  key: PrivateJwk,
  undated: { act: string; member: string; jwk: PublicJwk; use?: string[]; tree?: string },
): Promise<void> {
  const { member } = undated;
  const act = dated(ceremony, undated);
  const proof = await new CompactSign(encoded({ fed: act.fed, member, jti: act.jti, iat: act.iat }))
    .setProtectedHeader({ typ: 'causeway-key+jws', alg: 'Ed25519' })
    .sign(await importJWK({ ...key }, 'Ed25519'));
  await post(`${authorityUrl}/v1/members/${member}/acts`, { act: await signedByAll(ceremony, act), proof });
}

/** Has a certificate issued for a member's request, and returns it (PEM): the directory lists it by then. */
export async function addCertificate(
  authorityUrl: string,
  ceremony: Ceremony,
  { member, csr }: { member: string; csr: string },
): Promise<string> {
  const act = dated(ceremony, { act: 'add_certificate', member, csr: sha256Digest(csr) });
  const body = { act: await signedByAll(ceremony, act), csr };
  return String((await post(`${authorityUrl}/v1/members/${member}/acts`, body))['certificate']);
}

const publicPart = ({ kty, crv, x }: PrivateJwk) => ({ kty, crv, x });

function dated<A extends object>({ fed }: Ceremony, act: A) {
  return { ...act, fed, iat: seconds(systemClock), jti: uuidv7(systemClock, systemRandom) };
}

async function signedByAll({ officers }: Ceremony, act: object) {
  const general = new GeneralSign(encoded(act));
  for (const { key } of officers) {
    const { kty, crv, x } = key;
    const kid = await calculateJwkThumbprint({ kty, crv, x });
    const header = { typ: 'causeway-act+jws', alg: 'Ed25519', kid };
    general.addSignature(await importJWK({ ...key }, 'Ed25519')).setProtectedHeader(header);
  }
  return general.sign();
}

async function post(url: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  const text = JSON.stringify(body);
  return json(await send({ method: 'POST', url, headers, body: text, timeoutMs: ACT_MS_MAX }));
}

const encoded = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
