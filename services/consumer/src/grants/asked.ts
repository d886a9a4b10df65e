import {
  CausewayError,
  type DirectoryView,
  type Inquiry,
  type SoundWarrant,
  type Verified,
} from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { readInquiry } from './inquiry.ts';
import { soundWarrant } from './warrants.ts';

export interface RedemptionItem {
  readonly inquiry: string;
  /** Only these nodes get a grant: a renewal for some bureaus, or for the broker itself. */
  readonly nodes?: readonly string[];
}

/** An item whose inquiry has been verified under one version of the directory. */
export interface Asked {
  readonly inquiry: Verified<Inquiry>;
  readonly presenter: string;
  readonly nodes: readonly string[] | undefined;
  /** The warrant that it cites, where it does and where the officers' signatures hold. */
  readonly warrant: SoundWarrant | undefined;
  readonly view: DirectoryView;
}

/**
 * Verifies one item, and fetches the warrant that it cites. Throws the code of the step that failed; no
 * decision about a subject is due then.
 */
export async function readItem(consumer: Consumer, item: RedemptionItem, presenter: string): Promise<Asked> {
  const view = consumer.directory();
  const { inquiry } = readInquiry(consumer, item.inquiry, presenter, view.keys);
  const warrant = await soundWarrant(consumer, view, inquiry.claims);
  return { inquiry, presenter, nodes: item.nodes, warrant, view };
}

/** The same item under the directory of this moment. @throws CausewayError as `readItem` */
export function under(consumer: Consumer, asked: Asked, view: DirectoryView): Asked {
  if (asked.view === view) return asked;
  const { inquiry } = readInquiry(consumer, asked.inquiry.jws, asked.presenter, view.keys);
  // Officers' keys may have been revoked since: who comes again brings the warrant under the new directory.
  if (asked.warrant !== undefined) throw new CausewayError('not_ready', { internal: 'a newer directory' });
  return { ...asked, inquiry, view };
}
