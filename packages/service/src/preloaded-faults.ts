import { noFaults, type Faults } from '@causeway/kernel';

/** Where the sandbox's agent, a module that Node loads before the service, leaves its faults. */
const place = Symbol.for('causeway.sandbox.faults');

/**
 * The faults of a sandbox's agent in this process, or none. No setting of the service can bring one in: only
 * whoever starts the process with another program than the service itself.
 */
export function preloadedFaults(): Faults {
  const found: unknown = Reflect.get(globalThis, place);
  return isFaults(found) ? found : noFaults;
}

function isFaults(value: unknown): value is Faults {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'at') === 'function';
}
