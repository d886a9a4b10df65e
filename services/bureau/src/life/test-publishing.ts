import { createHash } from 'node:crypto';

import { createBatches } from '../publishing/batches.ts';
import { storeMapping } from '../publishing/mappings.ts';
import type { Batch } from '../publishing/repository.ts';
import { resident } from '../publishing/test-residents.ts';
import type { World } from '../test-world.ts';
import { refOf } from '../test-world.ts';

/** Loans, some of them adverse; `D` in `code` deletes. */
export const loans = {
  ...{ v: 1, name: 'loans', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  delete: { column: 'code', in: ['D'] },
  records: [
    {
      record: 'account',
      fields: {
        source_record_id: { column: 'no', as: 'text' },
        account_ref: { column: 'no', as: 'text' },
        type: { const: 'term' },
        currency: { const: 'CNY' },
        status: { column: 'code', as: 'code', absent: [], map: { '': 'normal', L: 'overdue' } },
        balance: { column: 'balance', as: 'decimal', currency: 'CNY' },
        is_adverse: { column: 'code', as: 'code', absent: [''], map: { L: true } },
        overdue_total: { column: 'overdue', as: 'decimal', currency: 'CNY' },
        notice_id: { column: 'notice', as: 'text' },
        adverse_started_on: { column: 'from', as: 'date' },
        first_delinquency_on: { column: 'from', as: 'date' },
        adverse_ended_on: { column: 'to', as: 'date' },
      },
    },
  ],
  as_of: { column: 'on', as: 'date' },
};

export interface Line {
  readonly n?: number;
  readonly no?: string;
  readonly balance?: string;
  readonly on?: string;
  readonly code?: '' | 'L' | 'D';
  readonly notice?: string;
  readonly overdue?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A line of the file; without a change a loan in order of the first resident. */
export const line = ({
  n = 1,
  no = 'L1',
  balance = '10.00',
  on = '2026-10-31',
  code = '',
  ...rest
}: Line = {}) =>
  [
    resident(n),
    no,
    code === 'D' ? '' : balance,
    on,
    code,
    rest.notice,
    rest.from,
    rest.to,
    rest.overdue,
  ].join(',');

const file = (...lines: string[]): string =>
  `${['id,no,balance,on,code,notice,from,to,overdue', ...lines].join('\n')}\n`;

/** A debt that was overdue and paid back, of which the person was told. */
export const late = (change: Line = {}): string =>
  line({ code: 'L', notice: 'n-1', from: '2021-03-05', to: '2021-12-20', ...change });

export const refOfResident = (n = 1): string => refOf({ scheme: 'gb11643', value: resident(n) });

async function* whole(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Publishes one file of these lines under a mapping. */
export async function publish(world: World, mapping: object, ...lines: string[]): Promise<Batch> {
  const digest = await storeMapping(world.bureau, structuredClone(mapping));
  const text = file(...lines);
  const sha256 = createHash('sha256').update(text).digest();
  return await createBatches(world.bureau).publish(digest, whole(text), sha256);
}
