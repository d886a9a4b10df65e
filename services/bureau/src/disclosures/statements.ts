import { dateOf, isDate, limits } from '@causeway/kernel';
import type { BureauRefusal, Permit } from '@causeway/gate';
import { CausewayError, sign, signDisclosure } from '@causeway/protocol';
import type { Digest, Disclosure, Inquiry } from '@causeway/protocol';
import { projectRecord } from '@causeway/records/projection';
import type { CreditRecord } from '@causeway/records';
import { openFor, sealFor, type SubjectKey } from '@causeway/service';

import type { Bureau } from '../bureau.ts';
import type { SourceAnswer, SourceRecord } from '../sources/source.ts';
import type { AnswerKey } from './repository.ts';

type Signer = Omit<Bureau, 'answers'>;

/** How long a broker may hand on what this bureau said, in seconds. */
const statementLife = 30 * 86_400;

/** A statement of this bureau, ready to be stored. */
export interface Answered {
  readonly jws: string;
  readonly digest: Digest;
  readonly outcome: string;
}

/**
 * Signs what the permit lets out of a source's answer: its categories and nothing beside them. A record that
 * they let out as it is travels as it was stored; of any other the open part does.
 * @throws CausewayError `body_too_large`: a part would look like all of it
 */
export function signOpened(bureau: Signer, permit: Permit, { known, records }: SourceAnswer): Answered {
  if (records.length > limits.recordsMax)
    throw new CausewayError('body_too_large', { internal: 'records of one subject' });
  const open = new Set<string>(permit.categories);
  const opened = records.flatMap((record) => openedPart(record, open, permit.categories) ?? []);
  const outcome = outcomeOf(known, opened.length);
  const { jws, digest } = signDisclosure(
    {
      aud: permit.lender,
      exp: Math.floor(bureau.clock.now() / 1000) + statementLife,
      subject_ref: permit.subjectRef,
      inquiry: permit.inquiry,
      grant: permit.grantDigest,
      use: permit.use,
      outcome,
      as_of: completeUntil(bureau, opened),
    },
    opened.map(({ text }) => text),
    bureau,
  );
  return { jws, digest, outcome };
}

type Opened = Pick<SourceRecord, 'text' | 'as_of'>;

function openedPart(
  record: SourceRecord,
  open: ReadonlySet<string>,
  categories: Permit['categories'],
): Opened | undefined {
  if (record.openedBy?.every((category) => open.has(category)) === true) return record;
  const part = projectRecord(JSON.parse(record.text) as CreditRecord, categories);
  return part === null ? undefined : { text: JSON.stringify(part), as_of: part.as_of };
}

function outcomeOf(known: boolean, opened: number): Disclosure['outcome'] {
  if (!known) return 'not_found';
  return opened === 0 ? 'empty' : 'answered';
}

/** The newest day that a record names; without one, today where the bureaus are. */
function completeUntil({ clock }: Signer, records: readonly Opened[]): string {
  const newest = records.map(({ as_of }) => as_of).reduce((a, b) => (b > a ? b : a), '');
  const day = `${newest}-01-01`.slice(0, 10);
  return isDate(day) ? day : dateOf(clock.now(), 'Asia/Shanghai');
}

/** Signs a decision against, to the member that asked. */
export function signRefusal(
  bureau: Signer,
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

/**
 * The bytes as they are stored: under their subject's key, and bound to that of the answer, so that they
 * cannot be moved to another.
 */
export function sealStatement(
  { random }: Pick<Signer, 'random'>,
  under: SubjectKey,
  key: AnswerKey,
  jws: string,
): Buffer {
  return sealFor(under, jws, place(key), random);
}

export function openStatement(under: SubjectKey, key: AnswerKey, box: Uint8Array): string {
  return openFor(under, box, place(key)).toString('utf8');
}

/** When the stored bytes are emptied: an hour after the deadline. */
export const purgeAtMs = ({ deadline }: Inquiry): number => (deadline + 3600) * 1000;
