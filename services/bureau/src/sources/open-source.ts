import type { Source } from './source.ts';
import { hostedSource } from './hosted/read.ts';

/**
 * The source that a settings file asks for; without one the bureau's own store. Each native system reads its
 * own settings with a schema of its own, in its folder.
 */
export function openSource(): Source {
  return hostedSource;
}
