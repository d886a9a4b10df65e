import { type Digest, type Grant, type PasskeyProof, type Verified, digestOf } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables } from '../tables.ts';
import type { Redemption } from './redeem.ts';

/** The statements of one redemption, sealed: its grants, and with the first one the consent and its proof. */
export interface Round {
  /** The digest of its first grant. */
  readonly name: Digest;
  readonly box: Buffer;
}

interface RoundStatements {
  readonly grants: readonly string[];
  readonly consent?: string;
  readonly passkey?: PasskeyProof;
}

/** More renewals than the time of any inquiry has room for. */
const roundsMax = 256;

export function sealRound(
  { seal }: OpenInquiry,
  grants: readonly Verified<Grant>[],
  { consent, passkey }: Partial<Pick<Redemption, 'consent' | 'passkey'>> = {},
): Round {
  const [first] = grants;
  if (first === undefined) throw new RangeError('a round has a grant');
  const statements: RoundStatements = {
    grants: grants.map(({ jws }) => jws),
    ...(consent === undefined ? {} : { consent: consent.jws }),
    ...(passkey === undefined ? {} : { passkey }),
  };
  return { name: first.digest, box: seal.seal(partOf(first.digest), JSON.stringify(statements)) };
}

/** Remembers the grants of a renewal, before any of them is presented. */
export async function insertRound(db: Kysely<BrokerTables>, inquiry: string, round: Round): Promise<void> {
  await db
    .insertInto('inquiry_round')
    .values({ inquiry, round: round.name, box: round.box })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  // A crash here leaves grants that were never presented; they lapse by themselves.
}

/** All statements of all rounds: the grants ever presented, and the consent and its proof where there are. */
export async function roundStatements(
  db: Kysely<BrokerTables>,
  { key, seal }: OpenInquiry,
): Promise<{ grants: string[]; consent: string | undefined; passkey: PasskeyProof | undefined }> {
  const rows = await db
    .selectFrom('inquiry_round')
    .where('inquiry', '=', key)
    .select(['round', 'box'])
    .orderBy('round')
    .limit(roundsMax)
    .execute();
  const rounds = rows.map(({ box, round }) => JSON.parse(seal.open(partOf(round), box)) as RoundStatements);
  return {
    grants: rounds.flatMap(({ grants }) => grants),
    consent: rounds.find(({ consent }) => consent !== undefined)?.consent,
    passkey: rounds.find(({ passkey }) => passkey !== undefined)?.passkey,
  };
}

/** A grant presented earlier, by its digest. */
export async function presentedGrant(
  db: Kysely<BrokerTables>,
  inquiry: OpenInquiry,
  digest: Digest,
): Promise<string | undefined> {
  const { grants } = await roundStatements(db, inquiry);
  return grants.find((jws) => digestOf(jws) === digest);
}

const partOf = (round: Digest): string => `round/${round}`;
