import type { SubjectKey } from '@causeway/service';
import type { Consumer } from '../consumer.ts';

/** The service with the keys of all subjects of a batch, which were at hand before the transaction began. */
export type Redeeming = Consumer & { readonly keys: ReadonlyMap<string, SubjectKey> };

/** The key of a subject of this batch. */
export function keyIn({ keys }: Redeeming, ref: string): SubjectKey {
  const key = keys.get(ref);
  if (key === undefined) throw new RangeError('no key was fetched for a subject of the batch');
  return key;
}
