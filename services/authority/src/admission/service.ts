import { type Clock, type Faults, type Random, seconds, uuidv7 } from '@causeway/kernel';
import type { DirectoryClient } from '@causeway/member/directory-client';
import { CausewayError } from '@causeway/protocol/errors';
import { type PublicJwk, thumbprint } from '@causeway/protocol/keys';
import { type MemberEntry, allKeys } from '@causeway/protocol/member-entry';
import { transaction } from '@causeway/service/database';
import type { FederationClient } from '@causeway/service/federation-client';
import type { Log } from '@causeway/service/log';
import type { Kysely } from 'kysely';
import type { CertificateIssuer } from '../certificates/issuer.ts';
import type { DirectorySigner } from '../directory/signer.ts';
import type { AuthorityTables } from '../tables.ts';
import { type Application, checkApplication } from './application.ts';
import type { Officers } from '@causeway/service/officers';
import * as rows from './repository.ts';

/** What admission needs of the rest of the authority. */
export interface AdmissionDeps {
  readonly db: Kysely<AuthorityTables>;
  readonly fed: string;
  /** The authority's own member id. */
  readonly authority: string;
  readonly officers: Officers;
  readonly issuer: CertificateIssuer;
  readonly signer: DirectorySigner;
  readonly directory: DirectoryClient;
  readonly federation: Pick<FederationClient, 'call'>;
  readonly log: Log;
  readonly caPem: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
}

/** Applications that wait for the officers. Anyone may send one, so there is a bound. */
const PENDING_MAX = 5000;

export interface Received {
  readonly application: string;
  readonly digest: string;
}

/**
 * Records an application; the same one again is the same row.
 * @throws CausewayError as `checkApplication`, `conflict` for an id or a key that a member has,
 *   `rate_limited`
 */
export async function apply(deps: AdmissionDeps, body: Application): Promise<Received> {
  const { db, clock, random } = deps;
  const checked = checkApplication(body, deps.fed, seconds(clock));
  return await transaction(db, async (trx) => {
    await rows.lockMembership(trx);
    const known = await rows.applicationByDigest(trx, checked.digest);
    if (known) return { application: known.id, digest: known.digest };
    if ((await rows.countPending(trx)) >= PENDING_MAX) throw new CausewayError('rate_limited');
    const entries = await rows.entriesInForce(trx);
    checkNewcomer(entries, body.id, checked.keys);
    const id = uuidv7(clock, random);
    await rows.insertApplication(trx, {
      id,
      digest: checked.digest,
      member: body.id,
      body: JSON.stringify(body),
      act: null,
      certificate: null,
      at_ms: clock.now(),
    });
    // A crash after COMMIT leaves a pending application; the applicant sends it again and gets the same id.
    return { application: id, digest: checked.digest };
  });
}

/** @throws CausewayError `conflict` where the id or one of the keys belongs to a member, now or once */
export function checkNewcomer(entries: readonly MemberEntry[], id: string, keys: readonly PublicJwk[]): void {
  if (entries.some((entry) => entry.id === id)) {
    throw new CausewayError('conflict', { detail: 'A member has this id. Ids are never reused.' });
  }
  checkFreshKeys(entries, keys);
}

/** @throws CausewayError `conflict`: a key stands for one member and one use, for ever */
export function checkFreshKeys(entries: readonly MemberEntry[], keys: readonly PublicJwk[]): void {
  const enrolled = new Set(entries.flatMap((entry) => allKeys(entry).map(thumbprint)));
  if (keys.some((key) => enrolled.has(thumbprint(key)))) {
    throw new CausewayError('conflict', { detail: 'The key is enrolled already. Make a new one.' });
  }
}

export interface ApplicationStatus {
  readonly status: 'pending' | 'admitted';
  readonly certificate?: string;
  readonly ca?: string;
}

/** @throws CausewayError `not_found` */
export async function statusOf(deps: AdmissionDeps, id: string): Promise<ApplicationStatus> {
  const row = await rows.applicationById(deps.db, id);
  if (!row) throw new CausewayError('not_found');
  if (row.act === null) return { status: 'pending' };
  if (row.certificate === null) return { status: 'admitted' };
  return { status: 'admitted', certificate: row.certificate, ca: deps.caPem };
}
