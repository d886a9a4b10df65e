import { type Faults, type Random, type SteadyClock, steadyClock } from '@causeway/kernel';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import type { Static, TObject, TProperties } from 'typebox';

import type { App } from './app.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './config.ts';
import type { CommonConfig } from './config.ts';
import { preloadedFaults } from './preloaded-faults.ts';
import { createLog } from './log.ts';
import type { Log } from './log.ts';

/** What a service is made from. */
export interface ServiceContext<P extends TProperties> {
  readonly config: CommonConfig;
  /** The service's own variables. */
  readonly own: Static<TObject<P>>;
  /** Goes on steadily where the machine's own clock steps. */
  readonly clock: SteadyClock;
  readonly random: Random;
  readonly log: Log;
  /** Where a sandbox may strike; nothing happens there unless one preloads its agent. */
  readonly faults: Faults;
}

/** A built service: listeners that are not listening yet, and what runs beside them. */
export interface Service {
  readonly public: App;
  readonly federation: App;
  /** Starts what works in the background, once both listeners are up. */
  start?(): Promise<void>;
  /** On SIGHUP: looks again at what may be replaced while it runs, such as its keys. */
  reload?(): Promise<void>;
  /** After the listeners have answered their last request: ends workers, timers and pools, in that order. */
  stop(): Promise<void>;
}

interface Options<P extends TProperties> {
  readonly name: string;
  readonly variables: P;
  readonly build: (context: ServiceContext<P>) => Promise<Service>;
}

const stopMsMax = 15_000;

/**
 * The life of a service process: configuration, build, both listeners, one JSON line on stdout, work, and on
 * SIGTERM or SIGINT a close that lets the requests under way end. A start that cannot succeed says why in one
 * sentence on stderr and exits 1.
 */
export async function runService<P extends TProperties>(options: Options<P>): Promise<void> {
  try {
    await startService(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    process.stderr.write(`${options.name} cannot start: ${reason}\n`);
    if (!(error instanceof ConfigError) && error instanceof Error)
      process.stderr.write(`${error.stack ?? ''}\n`);
    process.exit(1);
  }
}

async function startService<P extends TProperties>(options: Options<P>): Promise<void> {
  const { common: config, own } = loadConfig(options.variables);
  const log = createLog({ name: options.name, level: config.logLevel });
  const faults = preloadedFaults();
  const clock = steadyClock(systemClock);
  const service = await options.build({ config, own, clock, random: systemRandom, log, faults });
  const publicPort = await listen(service.public, config.host, config.publicPort);
  const federationPort = await listen(service.federation, config.host, config.federationPort);
  stopOnSignals(service, log);
  reloadOnHangup(service, log);
  await service.start?.();
  const line = { event: 'listening', service: options.name, member: config.member };
  process.stdout.write(
    `${JSON.stringify({ ...line, public: publicPort, federation: federationPort, pid: process.pid })}\n`,
  );
}

/** Listens and returns the port, which the system chose where `port` is 0. */
export async function listen(app: App, host: string, port: number): Promise<number> {
  await app.listen({ host, port });
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function stopOnSignals(service: Service, log: Log): void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ event: 'stopping', signal });
    // What has not ended by then is cut: everything accepted is durable and is taken up at the next start.
    setTimeout(() => process.exit(1), stopMsMax).unref();
    closeAll(service).then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ event: 'stop_failed', err });
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function reloadOnHangup(service: Service, log: Log): void {
  process.on('SIGHUP', () => {
    service.reload?.().catch((err: unknown) => log.error({ event: 'reload_failed', alarm: true, err }));
  });
}

async function closeAll(service: Service): Promise<void> {
  await Promise.all([service.public.close(), service.federation.close()]);
  await service.stop();
}
