import { type PrivateJwk, generateKey } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { type Agreed, agree, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { expect } from 'vitest';
import { request } from './answers.ts';
import { getRepeating, proofOf, tokenOf } from './forged-tokens.ts';
import { refusedWriting } from './untouched.ts';

type Headers = Record<string, string | string[]>;

/**
 * A finished inquiry of ABC Bank at the real broker, whose report only its own token brings: the resource at
 * which tokens and proofs are refused. Delivering it takes a grant of the consumer service, so both databases
 * show whether anything was released.
 */
export interface TokenResource {
  url: string;
  agreed: Agreed;
  /** The key to which `token` is bound. */
  key: PrivateJwk;
  token: string;
}

export async function openResource(federation: Federation): Promise<TokenResource> {
  const lender = federation.lender('abc-bank');
  const terms = usualTerms(['central', 'lotus'], 5);
  const agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
  const { id } = await inquireUnder(lender, agreed, terms);
  const key = generateKey();
  return {
    url: `${federation.url('broker')}/v1/inquiries/${id}/report`,
    agreed,
    key,
    token: await tokenOf(federation, 'abc-bank', key),
  };
}

/** The proof that goes with the resource's own token. */
export const goodProof = ({ key, token, url }: TokenResource): string =>
  proofOf(key, { method: 'GET', url, token });

/** True where the report came with a good token and proof. */
export async function delivers(resource: TokenResource): Promise<boolean> {
  const headers = { authorization: `DPoP ${resource.token}`, dpop: goodProof(resource) };
  const { status, body } = await request(resource.url, { headers });
  return status === 200 && typeof body['report'] === 'string';
}

/**
 * Presented and refused: how. Nobody wrote anything, and a good token and proof bring the report right after
 * it.
 */
export async function refusalAt(
  federation: Federation,
  resource: TokenResource,
  headers: Headers,
): Promise<string> {
  const refused = await refusedWriting(federation, { broker: {}, consumer: {}, authority: {} }, () =>
    getRepeating(resource.url, headers),
  );
  expect(await delivers(resource)).toBe(true);
  return refused;
}
