import { GroupCommit, isStoreAway } from '@causeway/service';

import type { Broker } from './broker.ts';
import { recordStarts, type Start } from './fan-out/record-starts.ts';
import { type Acceptance, insertAccepted } from './inquiries/insert-inquiry.ts';
import { type Finish, type Finished, finishInquiries } from './reports/finish-inquiries.ts';

/** The durable steps of an inquiry, each shared by all inquiries that take it at the same time. */
export interface Steps {
  /** False where the inquiry's key was there already. */
  readonly accept: GroupCommit<Acceptance, boolean>;
  /** False where another worker was first. */
  readonly start: GroupCommit<Start, boolean>;
  readonly finish: GroupCommit<Finish, Finished>;
}

/** A lender is not kept waiting for a store that stands still: it is told so, and comes again. */
const stuckMs = 2000;
const bounds = { itemsMax: 32, waitingMax: 2000, isCommon: isStoreAway } as const;

export function stepsOf(store: Pick<Broker, 'pool' | 'me' | 'clock' | 'directory' | 'faults'>): Steps {
  return {
    accept: new GroupCommit({
      ...{ ...bounds, stuckMs },
      run: async (items) => await insertAccepted(store, items),
      keyOf: ({ inquiry }) => inquiry,
    }),
    start: new GroupCommit({
      ...bounds,
      run: async (items) => await recordStarts(store, items),
      keyOf: ({ inquiry }) => inquiry.key,
    }),
    finish: new GroupCommit({
      ...bounds,
      run: async (items) => await finishInquiries(store, items),
      keyOf: ({ inquiry }) => inquiry.key,
    }),
  };
}
