/** Thrown when our own reasoning is wrong. Never thrown because of what somebody sent. */
class AssertionError extends Error {
  override name = 'AssertionError';
}

/** States what must be true if this program is right. Bad input is an error of the protocol, not this. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The default arm of a switch that covers everything: the compiler refuses it when a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${typeof value}`);
}
