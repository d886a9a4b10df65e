import { join } from 'node:path';
import { openNode, openSubjectKeys, statusRoute } from '@causeway/member';
import { NATIONAL_POLICY } from '@causeway/policy';
import { every, type Metrics, type Service, type ServiceContext, Waiters } from '@causeway/service';
import { authenticationNames, authenticationOf } from '@causeway/service/sign-in/authentication';
import { signInProvider } from '@causeway/service/sign-in/identity-provider';
import { identityProviderFetch } from '@causeway/service/sign-in/identity-provider-fetch';
import { identityProviderKeys } from '@causeway/service/sign-in/identity-provider-keys';
import { type Officers, readOfficers } from '@causeway/service/officers';
import { returnPath } from '@causeway/service/sign-in/sign-in-flow';
import Type from 'typebox';
import { accessRoutes } from './accesses/route.ts';
import { checkReports } from './adverse-actions/check-report.ts';
import { adverseActionRoutes } from './adverse-actions/route.ts';
import { forgetKeys } from './consent-requests/idempotency.ts';
import { consentRequestRoutes } from './consent-requests/route.ts';
import { consentRoutes } from './consents/route.ts';
import type { Consumer } from './consumer.ts';
import { correctionRoutes } from './corrections/route.ts';
import { directoryCopyRoute } from './directory-copy/route.ts';
import { handlingRoute } from './disputes/handling-route.ts';
import { disputeRoutes } from './disputes/route.ts';
import { sendDisputes } from './disputes/send.ts';
import { forgetPermits } from './export/permit.ts';
import { bringErasures } from './erasures/bring.ts';
import { erasureRoutes } from './erasures/route.ts';
import { ErasuresWaiting } from './erasures/waiting.ts';
import { exportRoute } from './export/route.ts';
import { freezeRoutes } from './freezes/route.ts';
import { ConsentCache } from './grants/consent-cache.ts';
import { groupRedemptions } from './grants/redemptions.ts';
import { grantRoutes } from './grants/route.ts';
import { warrantsOfAuthority } from './grants/warrants.ts';
import { forgetLinkRequests } from './identities/repository.ts';
import { identityRoutes } from './identities/route.ts';
import { memberNameRoutes } from './member-names/route.ts';
import { forgetCodes } from './mandates/repository.ts';
import { mandateRoutes } from './mandates/route.ts';
import { forgetRegistrations } from './passkeys/repository.ts';
import { passkeyRoutes } from './passkeys/route.ts';
import { forgetOwnReports } from './own-reports/repository.ts';
import { ownReportRoutes } from './own-reports/route.ts';
import { portalRoutes } from './portal/route.ts';
import { refusalRoutes } from './refusals/route.ts';
import { forgetSessions } from './sessions/repository.ts';
import { sessionRoutes } from './sessions/route.ts';
import { signInRoutes } from './sign-in/route.ts';
import { sendDue } from './stops/spread.ts';
import { idTokenVerifier } from './subjects/id-token.ts';
import { subjectReferences } from './subjects/references.ts';
import { forgetIdTokens } from './subjects/repository.ts';
import type { ConsumerTables } from './tables.ts';
import { forgetTold, mailOf, mailVariables, tellingPeople, tellingRoutes } from './telling-people.ts';

/** The service's own settings: whose id_tokens it takes, and under which client id they are issued. */
export const variables = {
  CAUSEWAY_IDP_ISSUER: Type.String({ pattern: '^https?://[^?#]*[^/?#]$' }),
  CAUSEWAY_IDP_CLIENT_ID: Type.String({ minLength: 1, maxLength: 100 }),
  /** How people must sign in for an act, as for staff; as their provider lets them where neither is set. */
  CAUSEWAY_STEP_UP_ACR: authenticationNames,
  CAUSEWAY_STEP_UP_AMR: authenticationNames,
  ...mailVariables,
  /** JWK Set of the public keys of the officers who record guardianships. */
  CAUSEWAY_OFFICERS: Type.Optional(Type.String()),
};

const migrationsDir = join(import.meta.dirname, '../../../migrations/consumer');
const forgetPeriodMs = 60_000;
const deliverPeriodMs = 1000;

/** The consumer service: routes in the order in which they are registered, once, top to bottom. */
export async function buildApp(context: ServiceContext<typeof variables>): Promise<Service> {
  const { config, own, clock, random, log, faults } = context;
  const { fed, keys, publicUrl } = config;
  const name = 'consumer';
  const node = await openNode<ConsumerTables, typeof variables>({
    ...{ context, name, title: 'Causeway consumer service', migrationsDir, poolMax: 16 },
  });
  const { db, directory, metrics, pool } = node;
  const { close: closeKeys, keys: subjectKeys } = await openSubjectKeys({ context, name });
  const keyed = { random, sealing: keys.sealing, subjectKeys };
  const ask = identityProviderFetch(clock);
  const idp = {
    ...{ issuer: own.CAUSEWAY_IDP_ISSUER, clientId: own.CAUSEWAY_IDP_CLIENT_ID },
    stepUp: authenticationOf(own.CAUSEWAY_STEP_UP_ACR, own.CAUSEWAY_STEP_UP_AMR),
  };
  const mail = mailOf(own, publicUrl);
  const consumer: Consumer = {
    ...{ fed, publicUrl, db, pool, clock, random, log, faults },
    ...{ key: node.keyring.signing, ...keyed },
    ledger: node.ledger,
    federation: node.federation,
    mayGrant: () => node.witnessing.mayGrant(),
    catchUp: (version) => directory.refresh(version),
    consents: new ConsentCache(),
    warrants: warrantsOfAuthority(node.federation),
    waiters: new Waiters(),
    ...{ mails: mail !== undefined, policy: NATIONAL_POLICY, officers: officersOf(own.CAUSEWAY_OFFICERS) },
    directory: () => directory.view(),
    verifyIdToken: idTokenVerifier({ ...idp, keys: identityProviderKeys(idp.issuer, ask), clock }),
    references: subjectReferences({ ...node, ...keyed, source: node.references }),
  };
  consentRequestRoutes(node.publicApp, consumer);
  consentRoutes(node.publicApp, consumer);
  freezeRoutes(node.publicApp, consumer);
  sessionRoutes(node.publicApp, consumer);
  signInRoutes(node.publicApp, consumer, providersAt({ ...idp, ask, publicUrl }));
  memberNameRoutes(node.publicApp, consumer);
  directoryCopyRoute(node.publicApp, consumer);
  await portalRoutes(node.publicApp, consumer);
  identityRoutes(node.publicApp, consumer);
  passkeyRoutes(node.publicApp, consumer);
  mandateRoutes(node.publicApp, consumer);
  accessRoutes(node.publicApp, consumer);
  tellingRoutes(node.publicApp, consumer);
  ownReportRoutes(node.publicApp, consumer);
  exportRoute(node.publicApp, consumer);
  erasureRoutes(node.publicApp, consumer);
  disputeRoutes(node.publicApp, consumer);
  correctionRoutes(node.publicApp, consumer);
  adverseActionRoutes(node.publicApp, consumer);
  grantRoutes(node.federationApp, consumer, groupRedemptions(consumer));
  refusalRoutes(node.federationApp, consumer);
  handlingRoute(node.federationApp, consumer);
  statusRoute(node, context);
  const timers = [every('forget', forgetPeriodMs, () => forgetExpired(consumer), { log })];
  return {
    public: node.publicApp,
    federation: node.federationApp,
    start: async () => {
      await node.start();
      timers.push(...delivering(consumer, metrics), ...tellingPeople(consumer, config.databaseUrl, mail));
    },
    reload: () => node.keyring.reload(),
    stop: async () => {
      await Promise.all(timers.map((timer) => timer.stop()));
      await node.close();
      await closeKeys();
    },
  };
}

/** The identity provider as sessions ask it, and as acts do, for which it may have to prove more. */
function providersAt({
  publicUrl,
  stepUp,
  ...idp
}: Omit<SignInOptions, 'authentication' | 'redirectUri'> & {
  readonly publicUrl: string;
  readonly stepUp: SignInOptions['authentication'];
}) {
  const asked = { ...idp, redirectUri: `${publicUrl}${returnPath}` };
  const acts = stepUp === undefined ? asked : { ...asked, authentication: stepUp };
  return { sessions: signInProvider(asked), acts: signInProvider(acts) };
}

type SignInOptions = Parameters<typeof signInProvider>[0];

/** Without any nobody records guardianships. */
const officersOf = (jwks: string | undefined): Officers =>
  jwks === undefined ? new Map() : readOfficers(jwks);

/** What is brought to other nodes until they have it. */
function delivering(consumer: Consumer, metrics: Metrics) {
  const waiting = new ErasuresWaiting();
  const help = 'Erasures that a node has not acknowledged';
  metrics.gauges('erasures_waiting', help, 'node', waiting.byNode);
  return [
    every('status_delivery', deliverPeriodMs, () => sendDue(consumer), consumer),
    every('dispute_delivery', deliverPeriodMs, () => sendDisputes(consumer), consumer),
    every('report_checks', deliverPeriodMs, () => checkReports(consumer), consumer),
    every('erasures', deliverPeriodMs, () => bringErasures(consumer), consumer),
    every('erasures_waiting', deliverPeriodMs, () => waiting.measure(consumer.db), consumer),
  ];
}

async function forgetExpired(consumer: Consumer): Promise<void> {
  const { clock, db } = consumer;
  await forgetSessions(db, clock.now());
  await forgetIdTokens(db, clock.now());
  await forgetKeys(db, clock.now());
  await forgetLinkRequests(db, clock.now());
  await forgetTold(consumer);
  await forgetRegistrations(db, clock.now());
  await forgetOwnReports(db, clock.now());
  await forgetPermits(db, clock.now());
  await forgetCodes(db, clock.now());
}
