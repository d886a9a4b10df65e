import { leavesRoute } from '@causeway/member/leaves-route';
import { treeRoutes } from '@causeway/member/node-trees';
import type { App } from '@causeway/service/app';
import { type Timer, every } from '@causeway/service/every';
import { federationApp } from '@causeway/service/federation-app';
import { type Metrics, createMetrics } from '@causeway/service/metrics';
import { publicApp } from '@causeway/service/public-app';
import type { Service } from '@causeway/service/run-service';
import { staffAuthentication } from '@causeway/service/staff/open-desk';
import { forgetStaffSessions } from '@causeway/service/staff/staff-store';
import { memberTokens } from '@causeway/service/tokens';
import { sql } from 'kysely';
import { readOfficers } from '@causeway/service/officers';
import { admissionRoutes } from './admission/route.ts';
import { memberUri } from './certificates/certificate.ts';
import { openConsole } from './console/open-console.ts';
import { directoryRoutes } from './directory/route.ts';
import { type AuthorityContext, type AuthorityParts, openParts } from './parts.ts';
import { policyRoutes } from './policies/route.ts';
import { startReconciler } from './reconciliation/reconciler.ts';
import { reconciliationRoute } from './reconciliation/route.ts';
import { schemaRoutes } from './schemas/route.ts';
import { federationSubjectRefRoutes, publicSubjectRefRoutes } from './subject-refs/route.ts';
import type { SubjectRefDeps } from './subject-refs/service.ts';
import { timeRoute } from './time/route.ts';
import { tokenRoutes } from './tokens/route.ts';
import { federationWarrantRoutes, warrantRoutes } from './warrants/route.ts';
import type { WarrantDeps } from './warrants/service.ts';

const BLIND_BUDGET_DEFAULT = 1_000_000;
const PURGE_MS = 60_000;
const GRACE_MS_DEFAULT = 2000;

/** The authority, ready to listen. */
export async function buildAuthority(context: AuthorityContext): Promise<Service> {
  const officers = readOfficers(context.own.CAUSEWAY_OFFICERS);
  const parts = await openParts(context);
  const {
    directory,
    keyring,
    roots,
    sequencer,
    witnessing,
    replay,
    signer,
    issuer,
    evaluator,
    db,
    federation,
  } = parts;
  const metrics = createMetrics();
  const open = await publicListener(context, parts, metrics);
  const { config, clock, faults, random, log } = context;
  const { fed, member: authority } = config;
  const caPem = config.keys.held().pairs[0].ca;
  directoryRoutes(open, { db, roots });
  policyRoutes(open);
  schemaRoutes(open, config.publicUrl);
  const warrants = { db, fed, authority, officers, directory, key: keyring.signing, clock, random };
  admissionRoutes(open, {
    ...{ db, fed, authority, officers, issuer, signer, directory, caPem, clock, random, log, federation },
    faults,
  });
  warrantRoutes(open, warrants);
  reconciliationRoute(open, { db, directory, clock });
  publicSubjectRefRoutes(open, subjectRefs(context, parts));
  await openConsole(open, {
    ...{ me: authority, publicUrl: config.publicUrl, db, clock, random, directory },
    ...{ authentication: staffAuthentication(context.own), sealing: config.keys.sealing },
    held: () => config.keys.held(),
  });
  await tokenRoutes(open, {
    issuer: `${config.publicUrl}/oauth`,
    fed,
    key: parts.keys.accessToken,
    kid: parts.keys.accessTokenKid,
    member: (id) => directory.view().member(id),
    replay,
    clock,
  });
  const closed = federationListener(context, parts, warrants);
  treeRoutes({ publicApp: open, federationApp: closed, metrics }, parts);
  let reconciler: Timer | undefined;
  const purge = every('replay_purge', PURGE_MS, () => replay.purge(), { log });
  const forget = every('staff_forget', PURGE_MS, () => forgetStaffSessions(db, clock.now()), { log });
  return {
    public: open,
    federation: closed,
    start: async () => {
      await directory.start();
      const graceMs = context.own.CAUSEWAY_RECONCILIATION_GRACE_MS ?? GRACE_MS_DEFAULT;
      reconciler = startReconciler({ ...parts, authority, clock, log, graceMs });
    },
    reload: () => keyring.reload(),
    stop: async () => {
      await reconciler?.stop();
      await Promise.all(
        [directory, keyring, sequencer, witnessing, purge, forget].map((part) => part.stop()),
      );
      for (const child of [signer, issuer, evaluator]) child.stop();
      await parts.close();
    },
  };
}

/** For people and member systems: health, metrics, API description, and tokens that routes may demand. */
async function publicListener(
  context: AuthorityContext,
  parts: AuthorityParts,
  metrics: Metrics,
): Promise<App> {
  const { config, clock, random, log } = context;
  const { directory, replay, signer, issuer, evaluator, db } = parts;
  const exposeMetrics = config.metrics === 'public';
  const title = 'Causeway authority';
  const app = await publicApp({ log, clock, random, name: 'authority', title, metrics, exposeMetrics });
  await memberTokens(app, {
    issuer: `${config.publicUrl}/oauth`,
    audience: memberUri(config.fed, config.member),
    authority: config.member,
    directory: () => directory.view(),
    clock,
    replay,
    publicUrl: config.publicUrl,
  });
  app.addReadiness('directory', () => directory.ready());
  app.addReadiness('keys', () => signer.alive() && issuer.alive() && evaluator.alive());
  app.addReadiness('database', async () => (await sql`SELECT 1`.execute(db)).rows.length === 1);
  return app;
}

/** For nodes, by certificate. */
function federationListener(context: AuthorityContext, parts: AuthorityParts, warrants: WarrantDeps): App {
  const { config, clock, random, log } = context;
  const { directory, db, keyring, pool, roots } = parts;
  const members = () => directory.view();
  const app = federationApp({ log, clock, random, tls: keyring.tls, fed: config.fed, members });
  directoryRoutes(app, { db, roots });
  federationSubjectRefRoutes(app, subjectRefs(context, parts));
  timeRoute(app, clock);
  leavesRoute(app, { pool, clock, members });
  federationWarrantRoutes(app, warrants);
  return app;
}

function subjectRefs({ own, clock }: AuthorityContext, parts: AuthorityParts): SubjectRefDeps {
  const { db, evaluator, directory } = parts;
  return { db, evaluator, directory, clock, budget: own.CAUSEWAY_BLIND_BUDGET ?? BLIND_BUDGET_DEFAULT };
}
