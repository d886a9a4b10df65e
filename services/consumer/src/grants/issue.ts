import { seconds, uuidv7 } from '@causeway/kernel';
import type { Redemption } from '@causeway/gate';
import type { StageLeaf } from '@causeway/member';
import { sign, type Inquiry, type Signed, type Verified } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { ConsumerTables } from '../tables.ts';
import { recordGrants } from './repository.ts';

const grantLifeSeconds = 15;

/** A decided redemption: what the grants say, for whom, and under which use. */
export interface Issue {
  readonly inquiry: Verified<Inquiry>;
  readonly grant: Redemption['grant'];
  readonly nodes: readonly string[];
  readonly presenter: string;
  readonly use: number;
}

/**
 * Signs one grant per node, each with its leaf, and adds the decision's line to the subject's history. All of
 * it in the redemption's transaction: a grant that is not committed is never sent.
 */
export async function issueGrants(
  consumer: Consumer,
  trx: Transaction<ConsumerTables>,
  stage: StageLeaf,
  issue: Issue,
): Promise<string[]> {
  const { subject_ref } = issue.inquiry.claims;
  const { digest: inquiry } = issue.inquiry;
  const atMs = consumer.clock.now();
  const grants = issue.nodes.map((node) => signGrant(consumer, issue, node));
  for (const { digest, claims } of grants) {
    const { iss, aud, use } = claims;
    await stage(subject_ref, { typ: 'grant', digest, inquiry, use, iss, aud, at_ms: atMs, outcome: null });
  }
  const holders = grants.map(({ digest, claims }) => ({
    ...{ subject_ref, inquiry, node: claims.aud, digest },
    ...{ consent: issue.grant.consent, expires_ms: claims.exp * 1000 },
  }));
  await recordGrants(trx, holders, historyLine(consumer, issue, grants, atMs));
  return grants.map(({ jws }) => jws);
}

function signGrant(consumer: Consumer, issue: Issue, node: string): Signed<'grant'> {
  const iat = seconds(consumer.clock);
  const { consent, categories, obligations, strength, policy_version } = issue.grant;
  const claims = {
    aud: node,
    iat,
    exp: iat + grantLifeSeconds,
    presenter: issue.presenter,
    subject_ref: issue.inquiry.claims.subject_ref,
    inquiry: issue.inquiry.digest,
    consent,
    use: issue.use,
    // Never wider than the inquiry, whatever was decided.
    categories: issue.inquiry.claims.categories.filter((category) => categories.includes(category)),
    obligations: [...obligations],
    strength,
    policy_version,
    directory_version: consumer.directory().version,
  };
  return sign('grant', claims, consumer);
}

/** The line names the broker's own grant as its leaf; where it gets none, the first. */
function historyLine(consumer: Consumer, issue: Issue, grants: readonly Signed<'grant'>[], atMs: number) {
  const { claims, digest } = issue.inquiry;
  const own = grants.find((grant) => grant.claims.aud === issue.presenter) ?? grants[0];
  return {
    subject_ref: claims.subject_ref,
    id: uuidv7(consumer.clock, consumer.random),
    at_ms: atMs,
    lender: claims.iss,
    purpose: claims.purpose,
    categories: [...issue.grant.categories],
    bureaus: issue.nodes.filter((node) => node !== issue.presenter),
    outcome: 'granted' as const,
    code: null,
    inquiry: digest,
    use: issue.use,
    decided_by: consumer.key.member,
    leaf: own?.digest ?? digest,
  };
}
