import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { ConfigError } from '@causeway/service/config-error';
import Type from 'typebox';
import { Compile } from 'typebox/compile';

const pem = Type.String({ minLength: 64, maxLength: 16_384 });

/**
 * What a bureau's settings file says of a Zhima gateway. `app_private_key` and `platform_public_key` are PEM
 * of RSA keys; `aes_key` is base64 of 16 bytes and, where it is given, contents are encrypted both ways.
 * Without `admittance_score` nothing is asked about the score of a person without an authorisation.
 */
export const ZhimaSettingsSchema = Type.Object(
  {
    source: Type.Literal('zhima'),
    url: Type.String({ minLength: 8, maxLength: 512 }),
    app_id: Type.String({ pattern: '^[0-9]{1,32}$' }),
    app_private_key: pem,
    platform_public_key: pem,
    charset: Type.Enum(['utf-8', 'gbk']),
    aes_key: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{21}[AQgw]==$' })),
    admittance_score: Type.Optional(Type.Integer({ minimum: 350, maximum: 950 })),
    /** For one call, from the first byte sent to the last received. */
    timeout_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 30_000 })),
  },
  { additionalProperties: false },
);

const compiled = Compile(ZhimaSettingsSchema);

/** The settings as the adapter works with them: keys parsed, defaults filled in. */
export interface ZhimaSettings {
  readonly url: string;
  readonly appId: string;
  readonly appKey: KeyObject;
  readonly platformKey: KeyObject;
  readonly charset: 'utf-8' | 'gbk';
  readonly aesKey: Buffer | undefined;
  readonly admittanceScore: number | undefined;
  readonly timeoutMs: number;
}

const timeoutMsDefault = 8000;
const modulusBitsMin = 2048;

/**
 * Reads the settings and refuses what cannot work or is not safe: a weak key, plain HTTP to another machine.
 * @throws ConfigError whose sentence names the member and never a value
 */
export function readSettings(value: unknown): ZhimaSettings {
  if (!compiled.Check(value)) {
    const { instancePath = '' } = compiled.Errors(value)[0] ?? {};
    throw new ConfigError(`The settings of the zhima source are not usable at ${instancePath || '/'}.`);
  }
  return {
    url: checkedUrl(value.url),
    appId: value.app_id,
    appKey: rsaKey('app_private_key', () => createPrivateKey(value.app_private_key)),
    platformKey: rsaKey('platform_public_key', () => createPublicKey(value.platform_public_key)),
    charset: value.charset,
    aesKey: value.aes_key === undefined ? undefined : Buffer.from(value.aes_key, 'base64'),
    admittanceScore: value.admittance_score,
    timeoutMs: value.timeout_ms ?? timeoutMsDefault,
  };
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  const local = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost' || url?.hostname === '[::1]';
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && local);
  if (url !== null && safe && url.username === '' && url.hash === '') return url.href;
  throw new ConfigError('url of the zhima source must be https; http only on this machine.');
}

function rsaKey(name: string, parse: () => KeyObject): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = parse();
  } catch {
    key = undefined;
  }
  const bits = key?.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : 0;
  if (key === undefined || bits < modulusBitsMin) {
    throw new ConfigError(`${name} of the zhima source is not the PEM of an RSA key of 2048 bits or more.`);
  }
  return key;
}
