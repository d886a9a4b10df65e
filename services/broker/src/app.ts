import { join } from 'node:path';

import { erasureRoute, openNode, openSubjectKeys, statusRoute, type Node } from '@causeway/member';
import {
  every,
  type Metrics,
  type Service,
  type ServiceContext,
  type SubjectKeys,
  Waiters,
} from '@causeway/service';
import type { QueueBackend } from '@causeway/service/queue';
import { requireSafeRedis } from '@causeway/service/queue-safety';
import { staffAuthentication, staffVariables } from '@causeway/service/staff/open-desk';
import { forgetStaffSessions } from '@causeway/service/staff/staff-store';
import Type, { type Static, type TObject } from 'typebox';

import type { Broker } from './broker.ts';
import { buryLivesIn } from './bury-lives.ts';
import { callsOf } from './calls.ts';
import { openConsole } from './console/open-console.ts';
import { addDeadLetterRoutes } from './dead-letters/route.ts';
import { addEventsRoute } from './events/route.ts';
import { addEvidenceRoute } from './evidence/route.ts';
import { bulkheadPerBureau } from './fan-out/bulkheads.ts';
import { FreshWork } from './fan-out/fresh-work.ts';
import { openLanes, type Lanes } from './fan-out/lanes.ts';
import { consumerService } from './fan-out/redeem.ts';
import { isReady, runOpen } from './fan-out/run-inquiry.ts';
import { Backlog } from './inquiries/backlog.ts';
import { addNodeInquiryRoutes } from './inquiries/node-route.ts';
import type { OpenInquiry } from './inquiries/open-inquiry.ts';
import { addInquiryRoutes } from './inquiries/route.ts';
import { sweep } from './inquiries/sweep.ts';
import { keptHere } from './kept-here.ts';
import { deliverRefusals } from './refusals/deliver.ts';
import type { ReadyReport } from './reports/release.ts';
import { addReportRoute } from './reports/route.ts';
import { addReportCheckRoute } from './reports/written-route.ts';
import { stepsOf } from './steps.ts';
import type { BrokerTables } from './tables.ts';
import { Vault } from './vault.ts';

/** The service's own settings: where its queue runs. Redis where it is named, else PostgreSQL. */
export const variables = {
  ...staffVariables,
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://' })),
  /** A database for the queue alone; without it the queue has a schema in the service's own. */
  CAUSEWAY_QUEUE_DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
};

type Variables = Static<TObject<typeof variables>>;
type Context = ServiceContext<typeof variables>;

const migrationsDir = join(import.meta.dirname, '../../../migrations/broker');
const poolMax = 24;
const freshAtOnce = 128;
const sweepMs = 1000;
const refusalsMs = 1000;
const forgetMs = 60_000;

/** The broker: routes in the order in which they are registered, once, top to bottom. */
export async function buildApp(context: Context): Promise<Service> {
  const node = await openNode<BrokerTables, typeof variables>({
    ...{ context, name: 'broker', title: 'Causeway broker', migrationsDir, poolMax },
  });
  const buryLives = async (lives: readonly string[]) => await buryLivesIn(node.db, lives);
  const store = await openSubjectKeys({ context, name: 'broker', buryLives });
  const lanes = await openLanes(await lanesOf(context, node.metrics));
  const broker = brokerOf(context, node, { lanes, subjectKeys: store.keys });
  addInquiryRoutes(node.publicApp, broker);
  addReportRoute(node.publicApp, broker);
  addEvidenceRoute(node.publicApp, broker);
  addEventsRoute(node.publicApp, broker);
  addDeadLetterRoutes(node.publicApp, broker);
  const { keys, publicUrl } = context.config;
  const authentication = staffAuthentication(context.own);
  await openConsole(node.publicApp, broker, { publicUrl, authentication, sealing: keys.sealing });
  addNodeInquiryRoutes(node.federationApp, broker);
  addReportCheckRoute(node.federationApp, broker);
  statusRoute(node, context, store.keys);
  erasureRoute(node, context, { keys: store.keys, keptHere });
  let stopTimers = async (): Promise<void> => undefined;
  return {
    public: node.publicApp,
    federation: node.federationApp,
    start: async () => {
      await node.start();
      stopTimers = startTimers(broker);
      await lanes.work(broker, { calls: callsOf({ ...broker, consumer: () => consumerService(node) }) });
    },
    reload: () => node.keyring.reload(),
    stop: async () => {
      await stopTimers();
      await broker.fresh.idle();
      await lanes.close();
      await node.close();
      await store.close();
    },
  };
}

function brokerOf(
  { clock, config, faults, log, random }: Context,
  { db, directory, federation, keyring, pool }: Node<BrokerTables>,
  { lanes, subjectKeys }: { lanes: Lanes; subjectKeys: SubjectKeys },
): Broker & { fresh: FreshWork } {
  const { member: me } = config;
  const bulkhead = bulkheadPerBureau(clock);
  const { queue } = lanes;
  const run = async (inquiry: OpenInquiry): Promise<void> => await runOpen(broker, inquiry);
  const consumer = (): string => consumerService({ directory });
  const broker = {
    ...{ fed: config.fed, me, key: keyring.signing, clock, random, log, faults },
    ...{ db, pool, vault: new Vault(random), subjectKeys, directory, federation },
    bulkhead,
    ...{ pace: lanes.pace.front, queue, backlog: new Backlog() },
    fresh: new FreshWork({ placesMax: freshAtOnce, run, queue, log }),
    steps: stepsOf({ pool, me, clock, directory, faults }),
    calls: callsOf({ federation, clock, bulkhead, faults, consumer }),
    waiters: new Waiters<ReadyReport>(),
  };
  return broker;
}

/**
 * The sweeper, which queues what the queue has lost, the measure of what is unfinished, and the deliverer of
 * early refusals. Run in every process.
 */
function startTimers(broker: Broker): () => Promise<void> {
  const { clock, db, log } = broker;
  // Without a directory or a right clock nothing could be done, and would only be put off.
  const whenReady = (work: (broker: Broker) => Promise<void>) => async () => {
    if (isReady(broker)) await work(broker);
  };
  const timers = [
    every('sweeper', sweepMs, whenReady(sweep), { log }),
    every('backlog', sweepMs, async () => await broker.backlog.measure(db), { log }),
    every('staff_forget', forgetMs, () => forgetStaffSessions(db, clock.now()), { log }),
    every('refusals', refusalsMs, whenReady(deliverRefusals), { log }),
  ];
  return async () => void (await Promise.all(timers.map(async (timer) => await timer.stop())));
}

/** @throws ConfigError where the queue's store may lose what it has taken */
async function lanesOf(
  { clock, config, log, own, random }: Context,
  metrics: Metrics,
): Promise<Parameters<typeof openLanes>[0]> {
  const backend = backendOf(own, { databaseUrl: config.databaseUrl, ownerUrl: config.databaseOwnerUrl });
  if ('redisUrl' in backend) {
    await requireSafeRedis({ url: backend.redisUrl, unsafeAccepted: config.unsafeStoreAccepted, log });
  }
  return { backend, prefix: `{${config.fed}-${config.member}}`, log, clock, random, metrics };
}

function backendOf(
  own: Variables,
  database: { databaseUrl: string; ownerUrl: string | undefined },
): QueueBackend {
  if (own.REDIS_URL !== undefined) return { redisUrl: own.REDIS_URL };
  const queueUrl = own.CAUSEWAY_QUEUE_DATABASE_URL;
  return queueUrl === undefined ? database : { databaseUrl: queueUrl, ownerUrl: queueUrl };
}
