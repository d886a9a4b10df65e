import { seconds } from '@causeway/kernel';
import { sign } from '@causeway/protocol';
import type { Digest, Signed } from '@causeway/protocol';
import type { Mapping } from '@causeway/records/publishing/index';

import type { Bureau } from '../bureau.ts';

/** How long a batch is news, in seconds. Whoever reads it later reads it as what it was at its time. */
const statementLife = 30 * 86_400;

interface Taken {
  readonly digest: Digest;
  readonly mapping: Digest;
  readonly bytes: number;
  readonly nowMs: number;
}

/** Whose records a mapping brings: those of the institution that it names, else of the bureau itself. */
export const providerOf = ({ me }: Pick<Bureau, 'me'>, { provider }: Mapping): string => provider ?? me;

/**
 * Signs that this file was taken, for everybody: who gave it, read how, and by what right.
 * @throws CausewayError `not_ready` where no key of the bureau may sign it
 */
export function signBatch(
  bureau: Omit<Bureau, 'answers'>,
  mapping: Mapping,
  { digest, mapping: read, bytes, nowMs }: Taken,
): Signed<'batch'> {
  const iat = seconds(bureau.clock);
  return sign(
    'batch',
    {
      ...{ aud: 'all', iat, exp: iat + statementLife, file: digest, mapping: read },
      provider: providerOf(bureau, mapping),
      ...(mapping.basis === undefined ? {} : { basis: mapping.basis }),
      ...{ format: mapping.format, bytes, received_at: Math.floor(nowMs / 1000) },
    },
    bureau,
  );
}
