import type { Clock, Random } from '@causeway/kernel';
import { ConfigError } from '@causeway/service';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { openCcrc } from './ccrc/open-ccrc.ts';
import { CcrcSettingsSchema } from './ccrc/settings.ts';
import { hostedSource } from './hosted/read.ts';
import { underPriorNotice } from './prior-notice.ts';
import type { NativeSource, Source } from './source.ts';
import { openTencent } from './tencent/open-tencent.ts';
import { TencentSettingsSchema } from './tencent/settings.ts';
import { openXiaomi } from './xiaomi/open-xiaomi.ts';
import { XiaomiSettingsSchema } from './xiaomi/settings.ts';
import { openZhima } from './zhima/open-zhima.ts';
import { ZhimaSettingsSchema } from './zhima/settings.ts';

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
  ccrc: adapter(CcrcSettingsSchema, openCcrc),
  zhima: adapter(ZhimaSettingsSchema, openZhima),
  tencent: adapter(TencentSettingsSchema, openTencent),
  xiaomi: adapter(XiaomiSettingsSchema, openXiaomi),
};

/**
 * The source that the settings ask for, a JSON text whose `source` names the kind of native system, and whose
 * `notice_id` says that persons are told before what speaks against them is given away; the rest is the
 * adapter's. Without settings the bureau's own store.
 * @throws ConfigError that names the member at fault, never its value
 */
export function openSource(settings: string | undefined, parts: SourceParts): Source {
  if (settings === undefined) return hostedSource;
  const value = parse(settings);
  const kind = value['source'];
  const found = typeof kind === 'string' && Object.hasOwn(adapters, kind) ? adapters[kind] : undefined;
  if (found === undefined) {
    throw new ConfigError(`CAUSEWAY_SOURCE: "source" is one of ${Object.keys(adapters).join(', ')}.`);
  }
  const { notice_id: noticeId, ...own } = value;
  if (noticeId !== undefined && !isNoticeId(noticeId)) {
    throw new ConfigError('CAUSEWAY_SOURCE/notice_id must be 1 to 128 printable ASCII characters.');
  }
  if (!Value.Check(found.schema, own)) {
    const first = Value.Errors(found.schema, own)[0];
    throw new ConfigError(`CAUSEWAY_SOURCE${first?.instancePath ?? ''} ${first?.message ?? 'is malformed'}.`);
  }
  return underPriorNotice(found.open(own, parts), noticeId);
}

const isNoticeId = (value: unknown): value is string =>
  typeof value === 'string' && /^[!-~]{1,128}$/u.test(value);

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value));
  } catch {
    // Told below: what the text holds is nobody's business.
  }
  throw new ConfigError('CAUSEWAY_SOURCE is not a JSON object.');
}
