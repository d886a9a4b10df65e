import type { Clock, Random } from '@causeway/kernel';
import { ConfigError } from '@causeway/service';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { hostedSource } from './hosted/read.ts';
import type { NativeSource, Source } from './source.ts';
import { openTencent } from './tencent/open-tencent.ts';
import { TencentSettingsSchema } from './tencent/settings.ts';
import { openXiaomi } from './xiaomi/open-xiaomi.ts';
import { XiaomiSettingsSchema } from './xiaomi/settings.ts';

/** What every adapter is given beside its settings. */
interface SourceParts {
  readonly clock: Clock;
  readonly random: Random;
}

/** A kind of native system: the settings it needs, and its adapter. */
interface Adapter {
  readonly schema: TSchema;
  open(settings: unknown, parts: SourceParts): NativeSource;
}

/** An adapter whose settings have been read by its own schema. */
const adapter = <S extends TSchema>(
  schema: S,
  open: (settings: Static<S>, parts: SourceParts) => NativeSource,
): Adapter => ({ schema, open: (settings, parts) => open(settings as Static<S>, parts) });

const adapters: Readonly<Record<string, Adapter>> = {
  tencent: adapter(TencentSettingsSchema, openTencent),
  xiaomi: adapter(XiaomiSettingsSchema, openXiaomi),
};

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
  const found = typeof kind === 'string' && Object.hasOwn(adapters, kind) ? adapters[kind] : undefined;
  if (found === undefined) {
    throw new ConfigError(`CAUSEWAY_SOURCE: "source" is one of ${Object.keys(adapters).join(', ')}.`);
  }
  if (!Value.Check(found.schema, value)) {
    const first = Value.Errors(found.schema, value)[0];
    throw new ConfigError(`CAUSEWAY_SOURCE${first?.instancePath ?? ''} ${first?.message ?? 'is malformed'}.`);
  }
  return found.open(value, parts);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ConfigError('CAUSEWAY_SOURCE is not JSON.');
  }
}
