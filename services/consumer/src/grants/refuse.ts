import { seconds } from '@causeway/kernel';
import type { Denial } from '@causeway/gate';
import { sign, type DirectoryView, type Inquiry, type Verified } from '@causeway/protocol';
import { lineTerms } from '../accesses/line-terms.ts';
import type { Consumer } from '../consumer.ts';
import type { Case } from './decide.ts';

const refusalLifeSeconds = 30 * 86_400;

export interface RefusedItem {
  readonly refusal: string;
  readonly code: string;
}

interface Denied {
  readonly denial: Denial;
  /** The use that the inquiry has spent before. */
  readonly use: number | undefined;
}

/** Adds a denial to the plan: the signed refusal, its leaf and a line of history. */
export function planDenial(consumer: Consumer, { asked, plan, view }: Case, denied: Denied): RefusedItem {
  const { inquiry } = asked;
  const { subject_ref, iss: lender } = inquiry.claims;
  const { code } = denied.denial;
  const use = denied.use ?? 0;
  const { jws, digest } = signRefusal(consumer, inquiry, denied);
  const iss = consumer.key.member;
  const atMs = consumer.clock.now();
  plan.refusals.push({ subject_ref, inquiry: inquiry.digest, use, iss, code, digest, statement: jws });
  plan.leaves.push({
    partitionKey: subject_ref,
    opening: {
      ...{ typ: 'refusal', digest, inquiry: inquiry.digest, use: denied.use ?? null },
      ...{ iss, aud: lender, at_ms: atMs, outcome: code },
    },
  });
  plan.lines.push(refusedLine(consumer, { inquiry, directory: view }, { code, use, digest, by: iss, atMs }));
  return { refusal: jws, code };
}

function signRefusal(consumer: Consumer, inquiry: Verified<Inquiry>, { denial, use }: Denied) {
  const claims = {
    aud: inquiry.claims.iss,
    exp: seconds(consumer.clock) + refusalLifeSeconds,
    inquiry: inquiry.digest,
    ...(use === undefined ? {} : { use }),
    code: denial.code,
    policy_version: denial.policyVersion,
    rules: [...denial.rules],
  };
  return sign('refusal', claims, consumer);
}

/** The history line of a refusal, by whichever node decided it. */
export function refusedLine(
  consumer: Consumer,
  { directory, inquiry }: { readonly inquiry: Verified<Inquiry>; readonly directory: DirectoryView },
  refusal: { code: string; use: number; digest: string; by: string; atMs: number },
) {
  const { subject_ref, iss, purpose, categories } = inquiry.claims;
  return {
    ...lineTerms(consumer, inquiry.claims, { atMs: refusal.atMs, directory }),
    subject_ref,
    at_ms: refusal.atMs,
    lender: iss,
    purpose,
    categories: [...categories],
    bureaus: [],
    outcome: 'refused' as const,
    code: refusal.code,
    inquiry: inquiry.digest,
    use: refusal.use,
    decided_by: refusal.by,
    leaf: refusal.digest,
  };
}
