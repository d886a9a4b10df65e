import { type Clock, type Random, seconds } from '@causeway/kernel';
import { stageLeaf } from '@causeway/member/leaves';
import { NATIONAL_POLICY, decide } from '@causeway/policy';
import { type Digest, sha256Digest } from '@causeway/protocol/digest';
import type { DirectoryView } from '@causeway/protocol/directory';
import { CausewayError } from '@causeway/protocol/errors';
import { type SignedAct, actSigners } from '@causeway/protocol/officer-act';
import { type Signed, sign } from '@causeway/protocol/sign';
import { readPayload } from '@causeway/protocol/signed-json';
import type { SignsWith } from '@causeway/protocol/signing-keys';
import { type SoundWarrant, type Warrant, verifyWarrant, warrantSchema } from '@causeway/protocol/warrant';
import { transaction } from '@causeway/service/database';
import type { Kysely, Transaction } from 'kysely';
import { checkActAge } from '../admission/act.ts';
import type { Officers } from '@causeway/service/officers';
import { actIsRecorded, insertAct } from '../admission/repository.ts';
import type { AuthorityTables } from '../tables.ts';
import { inquiryOf, insertWarrant } from './repository.ts';

export interface WarrantDeps {
  readonly db: Kysely<AuthorityTables>;
  readonly fed: string;
  readonly authority: string;
  readonly officers: Officers;
  readonly directory: { view(): DirectoryView };
  /** Signs the inquiry. */
  readonly key: SignsWith;
  readonly clock: Clock;
  readonly random: Random;
}

/** How long bureaus have to answer, and how long the inquiry may be redeemed, in seconds. */
const [answerS, lifeS] = [120, 3600];

/**
 * Records a warrant of two officers with its leaf, and signs the one inquiry that it allows: its subject,
 * purpose and categories, to the broker. The same act again brings the same inquiry.
 * @throws CausewayError as `actSigners` and `verifyWarrant`, `time_window`, `expired` for a warrant that has
 *   ended, `bad_request` for a bureau that there is none, and what policy says against the purpose
 */
export async function recordWarrant(
  deps: WarrantDeps,
  signed: SignedAct,
): Promise<{ warrant: Digest; inquiry: string }> {
  actSigners(signed, (kid) => deps.officers.get(kid));
  const { iat, jti } = readPayload(warrantSchema, signed.payload);
  const warrant = sha256Digest(signed.payload);
  const inquiry = await transaction(deps.db, async (trx) => {
    if (await actIsRecorded(trx, jti, warrant)) return await recorded(trx, warrant);
    checkActAge(iat, seconds(deps.clock));
    const view = deps.directory.view();
    const sound = checkWarrant(deps, view, signed);
    const made = signInquiry(deps, view, sound);
    await store(trx, deps, { sound, signed, made });
    return made.jws;
  });
  // A crash after the commit loses only the answer: the same act brings the same inquiry.
  return { warrant, inquiry };
}

/**
 * The officers' keys must also stand in the directory, because whoever else checks the warrant checks it by
 * those.
 */
function checkWarrant(deps: WarrantDeps, view: DirectoryView, signed: SignedAct): SoundWarrant {
  const authority = view.member(deps.authority);
  if (authority === undefined) throw new CausewayError('not_ready', { internal: 'not in the directory' });
  const sound = verifyWarrant(signed, { fed: deps.fed, authority });
  checkAllowed(deps, view, sound.warrant);
  return sound;
}

function checkAllowed({ authority, clock }: WarrantDeps, view: DirectoryView, warrant: Warrant): void {
  if (seconds(clock) >= warrant.valid_until) throw new CausewayError('expired', { pointer: '/valid_until' });
  const { categories, purpose } = warrant;
  const asker = view.member(authority);
  const ground = { by: 'basis', code: purpose } as const;
  const decided = decide(NATIONAL_POLICY, {
    purpose,
    categories,
    asker: { roles: asker?.roles ?? [] },
    ground,
  });
  if (decided.decision === 'deny') throw new CausewayError(decided.code);
  for (const bureau of warrant.bureaus) {
    const entry = view.member(bureau);
    if (entry?.status === 'active' && entry.roles.includes('bureau')) continue;
    throw new CausewayError('bad_request', { detail: 'Name bureaus of the directory.', pointer: '/bureaus' });
  }
}

function signInquiry(
  deps: WarrantDeps,
  view: DirectoryView,
  { digest, warrant }: SoundWarrant,
): Signed<'inquiry'> {
  const broker = view.membersWith('broker').find(({ status }) => status === 'active');
  if (broker === undefined) throw new CausewayError('not_ready', { internal: 'no active broker' });
  const { categories, purpose, subject_ref } = warrant;
  const deadline = seconds(deps.clock) + answerS;
  return sign(
    'inquiry',
    {
      aud: broker.id,
      exp: deadline + lifeS,
      subject_ref,
      basis: { code: purpose, cited: digest },
      purpose,
      categories,
      profile: 'report',
      operator: 'warrant',
      deadline,
      delivery: 'merged',
    },
    deps,
  );
}

interface Made {
  readonly sound: SoundWarrant;
  readonly signed: SignedAct;
  readonly made: Signed<'inquiry'>;
}

async function store(
  trx: Transaction<AuthorityTables>,
  deps: WarrantDeps,
  { made, signed, sound }: Made,
): Promise<void> {
  const { authority, clock } = deps;
  const { digest, warrant } = sound;
  const at_ms = clock.now();
  const act = { digest, jti: warrant.jti, act: warrant.act, member: authority };
  await insertAct(trx, { ...act, signed: JSON.stringify(signed), proof: null, at_ms });
  await insertWarrant(trx, { digest, inquiry: made.jws, at_ms });
  const common = { iss: authority, at_ms, use: null, outcome: null };
  await stageLeaf(trx, digest, { typ: 'warrant', digest, inquiry: null, aud: authority, ...common });
  const inquiry = made.digest;
  const { aud } = made.claims;
  await stageLeaf(trx, digest, { typ: 'inquiry', digest: inquiry, inquiry, aud, ...common });
}

async function recorded(trx: Transaction<AuthorityTables>, digest: Digest): Promise<string> {
  const inquiry = await inquiryOf(trx, digest);
  if (inquiry === undefined) throw new CausewayError('once_conflict');
  return inquiry;
}
