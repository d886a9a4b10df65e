import { join } from 'node:path';
import { erasureRoute, openNode, openSubjectKeys, statusRoute } from '@causeway/member';
import { NATIONAL_POLICY } from '@causeway/policy';
import { every } from '@causeway/service';
import type { Service, ServiceContext } from '@causeway/service';
import { staffAuthentication, staffVariables } from '@causeway/service/staff/open-desk';
import { forgetStaffSessions } from '@causeway/service/staff/staff-store';
import Type from 'typebox';

import type { Bureau } from './bureau.ts';
import { openConsole } from './console/open-console.ts';
import { disputeDoor } from './disputes/door.ts';
import { remarkDisputed } from './disputes/remark.ts';
import { disputeRoutes } from './disputes/route.ts';
import { sendSteps } from './disputes/send.ts';
import { sweepDisputes } from './disputes/sweep.ts';
import { answersOf } from './disclosures/disclose.ts';
import { purgeAnswers } from './disclosures/repository.ts';
import { disclosureRoutes } from './disclosures/route.ts';
import { Passkeys } from './enrolments/passkeys.ts';
import { keptHere } from './life/kept-here.ts';
import { lifeRoutes } from './life/route.ts';
import { rulesHere } from './life/rules-here.ts';
import { sweepRecords } from './life/sweep.ts';
import { createBatches } from './publishing/batches.ts';
import { referencesOfEach } from './publishing/references.ts';
import { publishingRoutes } from './publishing/route.ts';
import { openSpool } from './publishing/spool.ts';
import { qualityRoute } from './quality/route.ts';
import { rosterRoute } from './roster/route.ts';
import { rosterOf } from './roster/roster.ts';
import { openSource } from './sources/open-source.ts';
import { watchedHealth } from './sources/watched.ts';
import { chunkWriter } from './store/commit-chunk.ts';
import type { BureauTables } from './tables.ts';

/**
 * The service's own settings: where files wait, sealed, on their way into the store, and the native system
 * that holds the records instead of the store (JSON, by its adapter's schema). And how its staff must sign
 * in; where they do says the bureau's entry in the directory.
 */
export const variables = {
  CAUSEWAY_SPOOL_DIR: Type.String({ minLength: 1 }),
  CAUSEWAY_SOURCE: Type.Optional(Type.String()),
  ...staffVariables,
};

const migrationsDir = join(import.meta.dirname, '../../../migrations/bureau');
const resumePeriodMs = 5000;
const purgePeriodMs = 60_000;
const sweepPeriodMs = 60_000;
const disputePeriodMs = 1000;
const remarkPeriodMs = 20_000;

/** A bureau: routes in the order in which they are registered, once, top to bottom. */
export async function buildApp(context: ServiceContext<typeof variables>): Promise<Service> {
  const { config, own, clock, random, log, faults } = context;
  const { fed, member: me, keys } = config;
  const node = await openNode<BureauTables, typeof variables>({
    ...{ context, name: 'bureau', title: 'Causeway bureau', migrationsDir, poolMax: 12 },
  });
  const { db, pool, directory } = node;
  const store = await openSubjectKeys({ context, name: 'bureau' });
  const subjectKeys = store.keys;
  const source = openSource(own.CAUSEWAY_SOURCE, { clock, random });
  const life = rulesHere(directory, me);
  const parts: Omit<Bureau, 'answers'> = {
    ...{ fed, me, key: node.keyring.signing, sealing: keys.sealing, clock, random, log, faults, db, pool },
    ...{ directory, federation: node.federation, subjectKeys },
    policy: NATIONAL_POLICY,
    source,
    life,
    roster: rosterOf(db, subjectKeys),
    passkeys: new Passkeys({ fed, me, clock, db, directory }),
    references: referencesOfEach(node.references),
    spool: openSpool({ dir: own.CAUSEWAY_SPOOL_DIR, sealing: keys.sealing, clock, random }),
    commitChunk: chunkWriter(pool, { clock, life }),
  };
  const bureau: Bureau = { ...parts, answers: answersOf(parts) };
  const batches = createBatches(bureau);
  publishingRoutes(node.publicApp, bureau, batches);
  lifeRoutes(node.publicApp, bureau);
  qualityRoute(node.publicApp, bureau);
  rosterRoute(node.publicApp, bureau);
  disputeRoutes(node.publicApp, bureau);
  disclosureRoutes(node.federationApp, bureau);
  disputeDoor(node.federationApp, bureau);
  statusRoute(node, context, subjectKeys);
  erasureRoute(node, context, { keys: subjectKeys, keptHere });
  const sourceHealth = source.kind === 'native' ? watchedHealth(source, clock) : undefined;
  if (source.kind === 'native' && sourceHealth) {
    node.publicApp.addHealthDetail(`source ${source.name}`, sourceHealth);
  }
  const authentication = staffAuthentication(own);
  const { publicUrl } = config;
  const held = () => keys.held();
  await openConsole(node.publicApp, bureau, { publicUrl, authentication, batches, held, sourceHealth });
  await batches.sweep();
  const timers = [
    every('answer_purge', purgePeriodMs, () => purgeAnswers(db, clock.now()), { log }),
    every('staff_forget', purgePeriodMs, () => forgetStaffSessions(db, clock.now()), { log }),
  ];
  return {
    public: node.publicApp,
    federation: node.federationApp,
    start: async () => {
      await node.start();
      timers.push(
        every('publishing_resume', resumePeriodMs, () => batches.resume(), { log }),
        every('records_sweep', sweepPeriodMs, (signal) => sweepRecords(bureau, signal), { log }),
        every('disputes_sweep', disputePeriodMs, () => sweepDisputes(bureau), { log }),
        every('disputes_remark', remarkPeriodMs, () => remarkDisputed(bureau), { log }),
        every('dispute_steps', disputePeriodMs, (signal) => sendSteps(bureau, signal), { log }),
      );
    },
    reload: () => node.keyring.reload(),
    stop: async () => {
      await Promise.all(timers.map((timer) => timer.stop()));
      if (source.kind === 'native') await source.close();
      await node.close();
      await store.close();
    },
  };
}
