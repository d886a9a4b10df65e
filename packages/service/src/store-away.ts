/** SQLSTATE: connection exceptions, a server that shuts down, has crashed or starts, too many connections. */
const states = /^(08\d{3}|57P0[1-5]|53300)$/u;
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
