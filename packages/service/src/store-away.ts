/**
 * SQLSTATE: connection exceptions, a server that shuts down, has crashed or starts, too many connections, a
 * session that was ended because its transaction stood still.
 */
const states = /^(08\d{3}|57P0[1-5]|53300|25P0[34])$/u;
const socketCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
/** The driver's own errors have no code. */
const words = new RegExp(
  '^(Connection terminated|timeout exceeded when trying to connect|' +
    'Client has encountered a connection error)',
  'u',
);

/**
 * True for an error that says that the database, not the request, is at fault, and that it may be back at any
 * moment. Whether a transaction whose COMMIT was cut off is durable nobody knows then: the sender asks again.
 */
export function isStoreAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code === 'string') return states.test(code) || socketCodes.has(code);
  return words.test(error.message);
}

/** SQLSTATE classes beside those: rolled back by a conflict, a server that only reads, no room, a lock. */
const troubles = /^(25006|(40|53|55|57|58)[0-9A-Z]{3})$/u;

/**
 * True for an error that says that the store is at fault, or busy, and nothing about the work at hand: the
 * same may succeed later without anybody mending anything in it.
 */
export function isStoreTrouble(error: unknown): boolean {
  if (isStoreAway(error)) return true;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && troubles.test(code);
}
