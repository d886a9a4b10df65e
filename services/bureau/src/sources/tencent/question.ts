import { createHash } from 'node:crypto';

import type { NativeSubject } from '../source.ts';
import type { TencentSettings } from './settings.ts';

/** The system's names for how a number is written: plain, or a digest in lower-case hex. */
const cryptoTypes = { plain: '0', md5: '1', sha256: '2', sm3: '3' } as const;

/**
 * `BusinessSecurityData`: whom the question is about, by number and name only. No telephone, device, network
 * or address is ever sent, though the system would take them. Without a subject it is a question that can
 * only be refused.
 */
export function questionAbout(settings: TencentSettings, subject?: NativeSubject): object {
  const customer = {
    CustomerUin: settings.customer_uin,
    CustomerAppid: settings.customer_appid,
    Scene: settings.scene,
    Authorization: '1',
  };
  if (subject === undefined) return { BusinessSecurityData: customer };
  const { identifier, name } = subject;
  const BusinessSecurityData = {
    ...customer,
    IdNumber: written(identifier.value, settings.id_crypto),
    IdCryptoType: cryptoTypes[settings.id_crypto],
    ...(name === undefined ? {} : { Name: name }),
  };
  return { BusinessSecurityData };
}

function written(number: string, how: TencentSettings['id_crypto']): string {
  return how === 'plain' ? number : createHash(how).update(number).digest('hex');
}
