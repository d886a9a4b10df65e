import { seconds } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol/errors';
import { type MemberEntry, allKeys } from '@causeway/protocol/member-entry';
import { transaction } from '@causeway/service/database';
import type { IssuedCertificate } from '../certificates/certificate.ts';
import type { SignedAct } from '@causeway/protocol/officer-act';
import { type Admit, type CheckedAct, checkAdmission } from './act.ts';
import { type Application, applicationDigest, readApplication } from './application.ts';
import { issueFor } from './issue.ts';
import { admittedEntry } from './member-acts.ts';
import { bringIntoForce, recordCertificate, recordChange } from './record.ts';
import * as rows from './repository.ts';
import { type AdmissionDeps, checkNewcomer } from './service.ts';

/**
 * Admits an applicant by an act of two officers over the application's digest, and issues its certificate.
 * @throws CausewayError as `checkAdmission`, `not_found`, `digest_mismatch` where the officers saw another
 *   application, `conflict` where it no longer fits. Admitting whom is admitted changes nothing and answers
 *   the same.
 */
export async function admit(
  deps: AdmissionDeps,
  signed: SignedAct,
): Promise<{ member: string; directory_version: number }> {
  const { officers, fed, clock } = deps;
  const checked = checkAdmission(signed, { officers, fed, nowS: seconds(clock) });
  const { application, pending } = await applicationOf(deps, checked);
  if (pending) {
    const { csr, endpoints, id: member } = application;
    // A certificate that is issued and then not committed counts nowhere: no directory names it.
    const certificate =
      csr === undefined ? undefined : await issueFor(deps, { member, csr, endpoint: endpoints.federation });
    await commit(deps, { signed, checked, application, certificate });
  }
  return { member: application.id, directory_version: await bringIntoForce(deps) };
}

async function applicationOf(
  deps: AdmissionDeps,
  { act }: CheckedAct<Admit>,
): Promise<{ application: Application; pending: boolean }> {
  const row = await rows.applicationById(deps.db, act.application);
  if (!row) throw new CausewayError('not_found');
  const application = readApplication(row.body);
  if (row.digest !== act.digest || applicationDigest(application) !== act.digest) {
    throw new CausewayError('digest_mismatch', { detail: 'The officers signed for another application.' });
  }
  return { application, pending: row.act === null };
}

interface Admission {
  readonly signed: SignedAct;
  readonly checked: CheckedAct<Admit>;
  readonly application: Application;
  readonly certificate: IssuedCertificate | undefined;
}

async function commit(deps: AdmissionDeps, admission: Admission): Promise<void> {
  const { signed, checked, application, certificate } = admission;
  await transaction(deps.db, async (trx) => {
    await rows.lockMembership(trx);
    // Two at once: the second waits here and finds the first one's work.
    if (await rows.actIsRecorded(trx, checked.act.jti, checked.digest)) return;
    const entries = await rows.entriesInForce(trx);
    const entry = admittedEntry(
      application,
      certificate ? [certificate.thumbprint] : [],
      seconds(deps.clock),
    );
    checkNewcomer(entries, entry.id, allKeys(entry));
    checkSoleConsumer(entries, entry);
    await recordChange(trx, deps, { checked, signed, proof: null, entry });
    if (certificate)
      await recordCertificate(trx, deps, { certificate, member: entry.id, act: checked.digest });
    await rows.markAdmitted(trx, checked.act.application, checked.digest, certificate?.pem ?? null);
  });
}

/** Freezes and use counts have one home: a federation has one active consumer service. */
function checkSoleConsumer(entries: readonly MemberEntry[], entry: MemberEntry): void {
  if (!entry.roles.includes('consumer')) return;
  if (entries.some((other) => other.status === 'active' && other.roles.includes('consumer'))) {
    throw new CausewayError('conflict', { detail: 'This federation has a consumer service.' });
  }
}
