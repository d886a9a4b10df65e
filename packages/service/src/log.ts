import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

import { describeError } from './log-error.ts';

export type Log = Logger;

/**
 * The only members a log line may have. Whatever else is passed is dropped and its name listed under
 * `dropped`, so that an id, a reference or a body cannot reach the log by accident.
 */
const allowedMembers = new Set([
  'event',
  'err',
  'request_id',
  'route',
  'method',
  'status',
  'ms',
  'code',
  'member',
  'peer',
  'bureau',
  'service',
  'version',
  'known_version',
  'digest',
  'index',
  'use',
  'count',
  'attempt',
  'queue',
  'job',
  'lane',
  'port',
  'host',
  'url',
  'name',
  'state',
  'size',
  'lines',
  'accepted',
  'rejected',
  'bytes',
  'migration',
  'check',
  'alarm',
  'signal',
  'offset_ms',
  'pid',
  'outcome',
  'reason',
]);

/** A JSON line logger on stderr (stdout belongs to the start line of `runService`). */
export function createLog(options: { name: string; level: string; to?: DestinationStream }): Log {
  return pino(
    {
      name: options.name,
      level: options.level,
      base: null,
      // pino would copy the message of an error under its `errorKey` into `msg`; no member has this name.
      errorKey: 'error_object',
      formatters: { level: (label) => ({ level: label }), log: keepAllowed },
      hooks: {
        logMethod(args, method) {
          const [first] = args as unknown[];
          if (first instanceof Error) method.call(this, { event: 'error', err: first });
          else method.apply(this, args);
        },
      },
    },
    options.to ?? pino.destination({ fd: 2, sync: true }),
  );
}

function keepAllowed(line: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [key, value] of Object.entries(line)) {
    if (!allowedMembers.has(key)) dropped.push(key);
    else kept[key] = key === 'err' ? describeError(value) : scalar(value);
  }
  if (dropped.length > 0) kept['dropped'] = dropped;
  return kept;
}

function scalar(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? '[object]' : value;
}
