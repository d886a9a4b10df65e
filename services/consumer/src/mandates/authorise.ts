import { seconds } from '@causeway/kernel';
import { withReceipts } from '@causeway/member';
import { CausewayError, sha256Digest } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import { open, seal, transaction } from '@causeway/service';
import { isPlainLine } from '../consent-requests/plain-line.ts';
import type { Consumer } from '../consumer.ts';
import { actOnce } from '../subjects/act-once.ts';
import { actorByToken } from '../subjects/actor.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { MandateRow } from '../acting-rows.ts';
import { countCodes, insertCode, mandatesOf, takeCode } from './repository.ts';
import type { Entrusting } from './schema.ts';
import { recordMandate } from './sign-mandate.ts';

const codeLifeMs = 15 * 60_000;
const openCodesMax = 3;
/** Who may act for one person at a time. */
const standingMax = 5;
const daySeconds = 86_400;
/** 32 signs: 12 of them are 60 random bits. */
const signs = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** Throws `bad_request` for a name that is no line of plain text. */
export function checkName(name: string, pointer: string): void {
  if (isPlainLine(name)) return;
  throw new CausewayError('bad_request', { detail: 'One line of plain text.', pointer });
}

/**
 * A code that somebody shows to who will entrust them: whoever enters it has met its owner, and nobody finds
 * out by a name or number who is known here. `name` is how its owner calls the other one. Throws
 * `rate_limited` for more than three at a time.
 */
export async function offerCode(consumer: Consumer, agentRef: string, name: string) {
  const { clock, db, random, sealing } = consumer;
  checkName(name, '/name');
  const code = newCode(random.bytes(64));
  const digest = sha256Digest(code);
  const expires_ms = clock.now() + codeLifeMs;
  await transaction(db, async (trx) => {
    if ((await countCodes(trx, agentRef, clock.now())) >= openCodesMax)
      throw new CausewayError('rate_limited');
    const box = seal(sealing, Buffer.from(name), aad(digest), random);
    await insertCode(trx, { code: digest, agent_ref: agentRef, name: box, expires_ms });
  });
  // A crash after the commit leaves a code that nobody has seen; it expires.
  return { code, expires_at: new Date(expires_ms).toISOString() };
}

const aad = (digest: string): string => `mandate code:${digest}`;

/** Every sign as likely as any other: what does not fit is passed over. */
function newCode(bytes: Uint8Array): string {
  const fair = [...bytes].filter((byte) => byte < signs.length * Math.floor(256 / signs.length));
  return fair
    .slice(0, 12)
    .map((byte) => signs[byte % signs.length])
    .join('');
}

/** What a person signs in for to entrust somebody: the digest of all that the mandate will say. */
export function entrustingNonce({ code, days, name, powers, purposes }: Entrusting): string {
  const said = { code, days, name, powers: [...powers], ...(purposes ? { purposes: [...purposes] } : {}) };
  return `entrust:${sha256Digest(canonicalJson(said))}`;
}

/**
 * The person who has just signed in for exactly this lets the owner of the code act for them. An enterprise
 * cannot: its representative may be another one tomorrow.
 * @throws CausewayError `token_invalid`; `not_found` for a code that is not good; `bad_request` for one of
 *   their own; `role_not_permitted`, and `conflict` where five may act for them already
 */
export async function entrust(consumer: Consumer, asked: Entrusting, idToken: string): Promise<MandateRow> {
  const actor = await actorByToken(consumer, idToken, entrustingNonce(asked));
  if (actor.signedIn.role !== 'self') throw new CausewayError('role_not_permitted');
  checkName(asked.name, '/name');
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const refs = await lockWholeSubject(trx, actor.subjectRef);
    const nowMs = consumer.clock.now();
    await actOnce(trx, actor.signedIn);
    const offered = await takeCode(trx, sha256Digest(asked.code), nowMs);
    if (offered === undefined) throw new CausewayError('not_found');
    if (refs.includes(offered.agent_ref))
      throw new CausewayError('bad_request', { detail: 'This is a code of your own.', pointer: '/code' });
    const standing = (await mandatesOf(trx, 'subject_ref', refs)).filter(
      ({ ended_ms, until_ms }) => ended_ms === null && until_ms > nowMs,
    );
    if (standing.length >= standingMax)
      throw new CausewayError('conflict', { detail: 'Five may act for you already. End one first.' });
    const { powers, purposes } = asked;
    const terms = {
      ...{ subject_ref: actor.subjectRef, agent_ref: offered.agent_ref, kind: 'attorney' as const, powers },
      ...(purposes === undefined ? {} : { purposes }),
      valid_until: seconds(consumer.clock) + asked.days * daySeconds,
      evidence: actor.signedIn.digest,
    };
    const called = open(consumer.sealing, offered.name, aad(offered.code)).toString();
    const kept = { names: { agent: asked.name, subject: called }, proof: actor.signedIn.token };
    return await recordMandate(consumer, { trx, stage }, terms, kept);
  });
  // A crash after the commit loses only the answer: both find the mandate in their lists.
  return value;
}
