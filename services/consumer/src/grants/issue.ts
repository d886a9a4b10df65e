import { seconds } from '@causeway/kernel';
import type { Redemption } from '@causeway/gate';
import { sign, type Signed } from '@causeway/protocol';
import { lineTerms } from '../accesses/line-terms.ts';
import type { Consumer } from '../consumer.ts';
import type { Case } from './decide.ts';

const grantLifeSeconds = 15;

/** A decided redemption: what the grants say, for whom, and under which use. */
interface Issue {
  readonly grant: Redemption['grant'];
  readonly nodes: readonly string[];
  readonly use: number;
}

/**
 * Signs one grant per node, each with its leaf, and adds the decision's line to the subject's history. All of
 * it in the redemption's transaction: a grant that is not committed is never sent.
 */
export function planGrants(consumer: Consumer, on: Case, issue: Issue): string[] {
  const { asked, plan } = on;
  const { digest: inquiry, claims: asker } = asked.inquiry;
  const { subject_ref } = asker;
  const at_ms = consumer.clock.now();
  const consent = 'consent' in issue.grant.ground ? issue.grant.ground.consent : '';
  const grants = issue.nodes.map((node) => signGrant(consumer, on, issue, node));
  for (const { claims, digest } of grants) {
    const { aud, exp, iss, use } = claims;
    const opening = { typ: 'grant', digest, inquiry, use, iss, aud, at_ms, outcome: null };
    plan.leaves.push({ partitionKey: subject_ref, opening });
    plan.holders.push({ subject_ref, inquiry, node: aud, consent, digest, expires_ms: exp * 1000 });
  }
  plan.lines.push(grantedLine(consumer, on, issue, grants));
  return grants.map(({ jws }) => jws);
}

function signGrant(consumer: Consumer, { asked, view }: Case, issue: Issue, node: string): Signed<'grant'> {
  const iat = seconds(consumer.clock);
  const { categories, despite_freeze, ground, obligations, strength, policy_version } = issue.grant;
  const claims = {
    aud: node,
    iat,
    exp: iat + grantLifeSeconds,
    presenter: asked.presenter,
    subject_ref: asked.inquiry.claims.subject_ref,
    inquiry: asked.inquiry.digest,
    ...ground,
    use: issue.use,
    // Never wider than the inquiry, whatever was decided.
    categories: asked.inquiry.claims.categories.filter((category) => categories.includes(category)),
    obligations: [...obligations],
    strength,
    policy_version,
    directory_version: view.version,
    ...(despite_freeze === undefined ? {} : { despite_freeze }),
  };
  return sign('grant', claims, consumer);
}

/** The line names the broker's own grant as its leaf; where it gets none, the first. */
function grantedLine(
  consumer: Consumer,
  { asked, view }: Case,
  { grant, nodes, use }: Issue,
  grants: readonly Signed<'grant'>[],
) {
  const { claims, digest } = asked.inquiry;
  const own = grants.find(({ claims: { aud } }) => aud === asked.presenter) ?? grants[0];
  const atMs = consumer.clock.now();
  return {
    ...lineTerms(consumer, claims, { atMs, directory: view }),
    subject_ref: claims.subject_ref,
    at_ms: atMs,
    lender: claims.iss,
    purpose: claims.purpose,
    categories: [...grant.categories],
    bureaus: nodes.filter((node) => node !== asked.presenter),
    outcome: 'granted' as const,
    code: null,
    inquiry: digest,
    use,
    decided_by: consumer.key.member,
    leaf: own?.digest ?? digest,
  };
}
