import { dateOf, isDate } from '@causeway/kernel';
import type { BureauRefusal, Permit } from '@causeway/gate';
import { sign } from '@causeway/protocol';
import type { Digest, Disclosure, Inquiry } from '@causeway/protocol';
import { projectRecord } from '@causeway/records/projection';
import type { CreditRecord } from '@causeway/records';
import { open, seal } from '@causeway/service';

import type { Bureau } from '../bureau.ts';
import type { SourceAnswer } from '../sources/source.ts';
import type { AnswerKey } from './repository.ts';

/** How long a broker may hand on what this bureau said, in seconds. */
const statementLife = 30 * 86_400;

/** A statement of this bureau, ready to be stored. */
export interface Answered {
  readonly jws: string;
  readonly digest: Digest;
  readonly outcome: string;
}

/** Signs what the permit lets out of a source's answer: its categories and nothing beside them. */
export function signDisclosure(bureau: Bureau, permit: Permit, { known, records }: SourceAnswer): Answered {
  const categories = permit.categories;
  const opened = records.flatMap((record) => projectRecord(record, categories) ?? []);
  const outcome = outcomeOf(known, opened);
  const { jws, digest } = sign(
    'disclosure',
    {
      aud: permit.lender,
      exp: Math.floor(bureau.clock.now() / 1000) + statementLife,
      subject_ref: permit.subjectRef,
      inquiry: permit.inquiry,
      grant: permit.grantDigest,
      use: permit.use,
      outcome,
      as_of: completeUntil(bureau, opened),
      records: opened,
    },
    bureau,
  );
  return { jws, digest, outcome };
}

function outcomeOf(known: boolean, records: readonly CreditRecord[]): Disclosure['outcome'] {
  if (!known) return 'not_found';
  return records.length === 0 ? 'empty' : 'answered';
}

/** The newest day that a record names; without one, today where the bureaus are. */
function completeUntil({ clock }: Bureau, records: readonly CreditRecord[]): string {
  const newest = records.map(({ as_of }) => as_of).reduce((a, b) => (b > a ? b : a), '');
  const day = `${newest}-01-01`.slice(0, 10);
  return isDate(day) ? day : dateOf(clock.now(), 'Asia/Shanghai');
}

/** Signs a decision against, to the member that asked. */
export function signRefusal(
  bureau: Bureau,
  asked: AnswerKey & { lender: string },
  refusal: BureauRefusal,
): Answered {
  const { code, rules, policyVersion } = refusal;
  const { jws, digest } = sign(
    'refusal',
    {
      aud: asked.lender,
      exp: Math.floor(bureau.clock.now() / 1000) + statementLife,
      inquiry: asked.inquiry,
      use: asked.use,
      code,
      policy_version: policyVersion,
      rules: [...rules],
    },
    bureau,
  );
  return { jws, digest, outcome: code };
}

const place = (key: AnswerKey): string => `answer/${key.subjectRef}/${key.inquiry}/${key.use}`;

/** The bytes as they are stored: bound to their key, so that they cannot be moved to another. */
export function sealStatement(bureau: Bureau, key: AnswerKey, jws: string): Buffer {
  return seal(bureau.sealing, Buffer.from(jws), place(key), bureau.random);
}

export function openStatement(bureau: Bureau, key: AnswerKey, box: Uint8Array): string {
  return open(bureau.sealing, box, place(key)).toString('utf8');
}

/** When the stored bytes are emptied: an hour after the deadline. */
export const purgeAtMs = ({ deadline }: Inquiry): number => (deadline + 3600) * 1000;
