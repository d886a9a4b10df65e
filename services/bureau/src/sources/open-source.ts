import type { Clock, Random } from '@causeway/kernel';
import { ConfigError } from '@causeway/service';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { hostedSource } from './hosted/read.ts';
import type { NativeSource, Source } from './source.ts';

/** What every adapter is given beside its settings. */
export interface SourceParts {
  readonly clock: Clock;
  readonly random: Random;
}

/** A kind of native system: the settings it needs, and its adapter. */
interface Adapter {
  readonly schema: TSchema;
  open(settings: unknown, parts: SourceParts): NativeSource;
}

const adapters: Readonly<Record<string, Adapter>> = {};

/**
 * The source that the settings ask for, a JSON text whose `source` names the kind of native system; without
 * settings the bureau's own store.
 * @throws ConfigError that names the member at fault, never its value
 */
export function openSource(settings: string | undefined, parts: SourceParts): Source {
  if (settings === undefined) return hostedSource;
  const value = parse(settings);
  const kind: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'source') : undefined;
  const adapter = typeof kind === 'string' && Object.hasOwn(adapters, kind) ? adapters[kind] : undefined;
  if (adapter === undefined) {
    throw new ConfigError(`CAUSEWAY_SOURCE: "source" is one of ${Object.keys(adapters).join(', ')}.`);
  }
  if (!Value.Check(adapter.schema, value)) {
    const first = Value.Errors(adapter.schema, value)[0];
    throw new ConfigError(`CAUSEWAY_SOURCE${first?.instancePath ?? ''} ${first?.message ?? 'is malformed'}.`);
  }
  return adapter.open(value, parts);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ConfigError('CAUSEWAY_SOURCE is not JSON.');
  }
}
