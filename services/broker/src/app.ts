import { join } from 'node:path';

import { openNode, type Node } from '@causeway/member';
import { every, type Service, type ServiceContext } from '@causeway/service';
import { createQueue, type JobQueue, type QueueBackend } from '@causeway/service/queue';
import Type, { type Static, type TObject } from 'typebox';

import type { Broker } from './broker.ts';
import { callsOf } from './calls.ts';
import { addEventsRoute } from './events/route.ts';
import { Waiters } from './events/waiters.ts';
import { addEvidenceRoute } from './evidence/route.ts';
import { bulkheadPerBureau } from './fan-out/bulkheads.ts';
import { Pace } from './fan-out/pace.ts';
import { FreshWork } from './fan-out/fresh-work.ts';
import { consumerService } from './fan-out/redeem.ts';
import { runInquiry, runOpen } from './fan-out/run-inquiry.ts';
import { workQueue } from './fan-out/work-queue.ts';
import type { OpenInquiry } from './inquiries/open-inquiry.ts';
import { takeDueWork } from './inquiries/outbox.ts';
import { addInquiryRoutes } from './inquiries/route.ts';
import { deliverRefusals } from './refusals/deliver.ts';
import type { ReadyReport } from './reports/release.ts';
import { addReportRoute } from './reports/route.ts';
import { stepsOf } from './steps.ts';
import type { BrokerTables } from './tables.ts';
import { Vault } from './vault.ts';

/** The service's own settings: where its queue runs. Redis where it is named, else PostgreSQL. */
export const variables = {
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://' })),
  /** A database for the queue alone; without it the queue has a schema in the service's own. */
  CAUSEWAY_QUEUE_DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
};

type Variables = Static<TObject<typeof variables>>;
type Context = ServiceContext<typeof variables>;

const migrationsDir = join(import.meta.dirname, '../../../migrations/broker');
const poolMax = 24;
const freshAtOnce = 128;
const workersAtOnce = 48;
const retriesAtOnce = 16;
const pace = { places: 64, holdMs: 750 };
const sweepMs = 1000;
const refusalsMs = 1000;

/** The broker: routes in the order in which they are registered, once, top to bottom. */
export async function buildApp(context: Context): Promise<Service> {
  const node = await openNode<BrokerTables, typeof variables>({
    ...{ context, name: 'broker', title: 'Causeway broker', migrationsDir, poolMax },
  });
  const [inquiries, retries] = await openQueues(context);
  const broker = brokerOf(context, node, { inquiries, retries });
  addInquiryRoutes(node.publicApp, broker);
  addReportRoute(node.publicApp, broker);
  addEvidenceRoute(node.publicApp, broker);
  addEventsRoute(node.publicApp, broker);
  let stopTimers = async (): Promise<void> => undefined;
  return {
    public: node.publicApp,
    federation: node.federationApp,
    start: async () => {
      await node.start();
      stopTimers = startTimers(broker);
      inquiries.work(async (key) => await runInquiry(broker, key), { concurrency: workersAtOnce });
      retries.work(async (key) => await runInquiry(broker, key), { concurrency: retriesAtOnce });
    },
    reload: () => node.keyring.reload(),
    stop: async () => {
      await stopTimers();
      await broker.fresh.idle();
      await Promise.all([inquiries.close(), retries.close()]);
      await node.close();
    },
  };
}

function brokerOf(
  { clock, config, faults, log, random }: Context,
  { db, directory, federation, keyring, pool }: Node<BrokerTables>,
  queues: { inquiries: JobQueue; retries: JobQueue },
): Broker & { fresh: FreshWork } {
  const { member: me } = config;
  const bulkhead = bulkheadPerBureau(clock);
  const queue = workQueue(queues, log);
  const run = async (inquiry: OpenInquiry): Promise<void> => await runOpen(broker, inquiry);
  const consumer = (): string => consumerService({ directory });
  const broker = {
    ...{ fed: config.fed, me, key: keyring.signing, clock, random, log, faults },
    ...{ db, pool, vault: new Vault(config.keys.sealing, random), directory, federation },
    bulkhead,
    pace: new Pace(pace),
    queue,
    fresh: new FreshWork({ placesMax: freshAtOnce, run, queue, log }),
    steps: stepsOf({ pool, me, clock, faults }),
    calls: callsOf({ federation, clock, bulkhead, faults, consumer }),
    waiters: new Waiters<ReadyReport>(),
  };
  return broker;
}

/**
 * The sweeper, which queues what the queue has lost, and the deliverer of early refusals. Run in every
 * process.
 */
function startTimers(broker: Broker): () => Promise<void> {
  const { clock, db, log, queue } = broker;
  const sweep = async (): Promise<void> => {
    for (const key of await takeDueWork(db, clock.now())) queue.start(key);
  };
  const timers = [
    every('sweeper', sweepMs, sweep, { log }),
    every('refusals', refusalsMs, async () => await deliverRefusals(broker), { log }),
  ];
  return async () => void (await Promise.all(timers.map(async (timer) => await timer.stop())));
}

async function openQueues({ config, log, own }: Context): Promise<[JobQueue, JobQueue]> {
  const backend = backendOf(own, { databaseUrl: config.databaseUrl, ownerUrl: config.databaseOwnerUrl });
  const prefix = `{${config.fed}-${config.member}}`;
  const inquiries = await createQueue({ backend, name: 'inquiries', prefix, log });
  const retries = await createQueue({ backend, name: 'retry', prefix, log });
  return [inquiries, retries];
}

function backendOf(
  own: Variables,
  database: { databaseUrl: string; ownerUrl: string | undefined },
): QueueBackend {
  if (own.REDIS_URL !== undefined) return { redisUrl: own.REDIS_URL };
  const queueUrl = own.CAUSEWAY_QUEUE_DATABASE_URL;
  return queueUrl === undefined ? database : { databaseUrl: queueUrl, ownerUrl: queueUrl };
}
