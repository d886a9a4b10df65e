import { seconds } from '@causeway/kernel';
import { withReceipts } from '@causeway/member';
import { CausewayError, sha256Digest, type Digest, type SignedAct } from '@causeway/protocol';
import { actSigners } from '@causeway/protocol/officer-act';
import { readPayload } from '@causeway/protocol/signed-json';
import { normaliseIdentifier } from '@causeway/records';
import type { Consumer } from '../consumer.ts';
import { subjectOf } from '../identities/epochs.ts';
import type { Identity } from '../subjects/references.ts';
import { checkName } from './authorise.ts';
import { insertAct, lockMandate, recordedAct } from './repository.ts';
import { type GuardianshipAct, guardianshipActSchema } from './schema.ts';
import { recordEnd, recordMandate, type Kept, type Terms, type Writing } from './sign-mandate.ts';

/** How long officers may take to collect each other's signatures, and how far ahead their clocks may be. */
const [ageMax_s, aheadMax_s] = [3600, 60];
/** No paper is looked at once for longer. Seconds. */
const longest_s = 20 * 366 * 86_400;
const majority = 18;

type Granting = Extract<GuardianshipAct, { act: 'guardianship' }>;

/**
 * Two officers of this service record that somebody is another's guardian, by a paper that both have seen, or
 * that a guardianship has ended. The same act again brings the same answer.
 * @throws CausewayError as `actSigners`; `federation_mismatch`, `time_window`, `once_conflict`;
 *   `bad_request` for numbers, names or times that cannot be; `not_found` for a mandate to end
 */
export async function recordGuardianship(
  consumer: Consumer,
  signed: SignedAct,
): Promise<{ mandate: string }> {
  actSigners(signed, (kid) => consumer.officers.get(kid));
  const act = readPayload(guardianshipActSchema, signed.payload);
  if (act.fed !== consumer.fed) throw new CausewayError('federation_mismatch', { pointer: '/fed' });
  const digest = sha256Digest(signed.payload);
  // Outside: to derive a reference may mean to ask the authority.
  const work =
    act.act === 'guardianship'
      ? granting(consumer, { ...(await termsOf(consumer, act)), act: digest }, keptOf(act, signed))
      : ending(consumer, act.mandate, digest);
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const before = await recordedAct(trx, act.jti);
    if (before?.digest === digest) return before.mandate;
    if (before !== undefined) throw new CausewayError('once_conflict');
    checkAge(act.iat, seconds(consumer.clock));
    const mandate = await work({ trx, stage });
    const row = { jti: act.jti, digest, mandate, at_ms: consumer.clock.now() };
    if (!(await insertAct(trx, row))) throw new CausewayError('once_conflict');
    return mandate;
  });
  // A crash after the commit loses only the answer: the same act brings it.
  return { mandate: value };
}

type Work = (writing: Writing) => Promise<string>;

const granting =
  (consumer: Consumer, ...what: [Terms, Kept]): Work =>
  async (writing) =>
    (await recordMandate(consumer, writing, ...what)).id;

const ending =
  (consumer: Consumer, mandate: string, act: Digest): Work =>
  async (writing) => {
    const row = await lockMandate(writing.trx, mandate);
    if (row?.kind !== 'guardian') throw new CausewayError('not_found');
    if (row.ended_ms === null) await recordEnd(consumer, writing, row, { who: 'officers', act });
    return row.id;
  };

function checkAge(iat: number, now: number): void {
  const age = now - iat;
  if (age > ageMax_s || age < -aheadMax_s) throw new CausewayError('time_window', { pointer: '/iat' });
}

async function termsOf(consumer: Consumer, act: Granting) {
  const { ground, guardian, names, paper, powers, purposes, ward } = act;
  checkName(names.ward, '/names/ward');
  checkName(names.guardian, '/names/guardian');
  const now = seconds(consumer.clock);
  const grown = ground === 'minor' ? majorityOf(ward) : undefined;
  const valid_until = Math.min(act.valid_until, grown ?? act.valid_until);
  if (valid_until <= now || valid_until > now + longest_s) throw wrong('/valid_until');
  const subject_ref = await referenceOf(consumer, ward, '/ward');
  const agent_ref = await referenceOf(consumer, guardian, '/guardian');
  if (subject_ref === agent_ref) throw wrong('/guardian');
  const scope = purposes === undefined ? {} : { purposes };
  const whose = { subject_ref, agent_ref, kind: 'guardian' as const };
  return { ...whose, powers, ...scope, valid_until, evidence: paper };
}

const keptOf = ({ names }: Granting, signed: SignedAct): Kept => ({
  names: { subject: names.ward, agent: names.guardian },
  proof: JSON.stringify(signed),
});

const wrong = (pointer: string): CausewayError =>
  new CausewayError('bad_request', { pointer, detail: 'This cannot be of a guardianship.' });

async function referenceOf(consumer: Consumer, identity: Identity, pointer: string): Promise<string> {
  const { scheme, value } = normalised(identity, pointer);
  if (pointer === '/ward' && scheme === 'gb32100') throw wrong(pointer);
  return await subjectOf(consumer, { scheme, value });
}

function normalised({ scheme, value }: Identity, pointer: string) {
  try {
    return normaliseIdentifier(scheme, value);
  } catch {
    throw wrong(pointer);
  }
}

/**
 * When the ward comes of age (Civil Code, article 17), by the birth date in a resident number, at the
 * beginning of that day in China; undefined where the number tells none. Seconds since the epoch.
 */
function majorityOf(ward: Identity): number | undefined {
  const { scheme, value } = normalised(ward, '/ward');
  if (scheme !== 'gb11643') return undefined;
  const [year, month, day] = [value.slice(6, 10), value.slice(10, 12), value.slice(12, 14)].map(Number);
  const china_h = 8;
  // Of somebody born on 29 February it is 1 March in a year without one.
  return Date.UTC((year ?? 0) + majority, (month ?? 1) - 1, day ?? 1, -china_h) / 1000;
}
