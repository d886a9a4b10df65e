import type { AccountRecord, CreditRecord, RecordOf } from '@causeway/records';

import {
  accountTypes,
  businessKinds,
  class5,
  frequencies,
  institutions,
  jointRoles,
  keptCode,
  securities,
  statesOf,
  transactions,
} from './codes.ts';
import { writeHistories } from './histories.ts';
import { writeMarks } from './marks.ts';
import type { CcrcQuirks } from './quirks.ts';
import { gapText, group, tag, Tags } from './tags.ts';

type Event = RecordOf<'account_event'>;

/** An account of the report with its events: PD01 of a person, ED01 of an enterprise. */
export function writeAccount(
  p: 'PD01' | 'ED01',
  account: AccountRecord,
  events: readonly CreditRecord[],
  quirks: CcrcQuirks,
): string {
  const own = events.filter((event): event is Event => isEventOf(event, account.account_ref));
  const body =
    group(`${p}A`, basics(p, account, quirks)) +
    group(`${p}B`, latest(p, account, quirks)) +
    group(`${p}C`, monthly(p, account, quirks)) +
    writeHistories(p, account, quirks) +
    transactionsOf(p, own, quirks) +
    specialEvents(p, own) +
    instalments(p, own, quirks) +
    writeMarks(`${p}Z`, account.marks);
  return group(p, body);
}

const isEventOf = (record: CreditRecord, account: string): boolean =>
  record.record === 'account_event' && record.account_ref === account;

function basics(p: string, account: AccountRecord, quirks: CcrcQuirks): string {
  const { currency } = account;
  return new Tags(account, quirks)
    .raw(`${p}AI01`, account.account_ref)
    .code(`${p}AD01`, 'type', accountTypes)
    .code(`${p}AD02`, 'lender_type', institutions)
    .plain(`${p}AI02`, 'lender_ref')
    .raw(`${p}AD03`, businessOf(account, quirks))
    .date(`${p}AR01`, 'opened')
    .raw(`${p}AD04`, currency)
    .amount(`${p}AJ01`, 'original', currency)
    .amount(`${p}AJ02`, 'limit', currency)
    .amount(`${p}AJ03`, 'shared_limit', currency)
    .date(`${p}AR02`, 'due')
    .code(`${p}AD06`, 'repayment_frequency', frequencies)
    .plain(`${p}AS01`, 'term_count')
    .code(`${p}AD07`, 'security_kind', securities)
    .code(`${p}AD09`, 'joint_role', jointRoles)
    .kept(`${p}AI04`, `${p}AD05`, `${p}AD08`, `${p}AD10`).xml;
}

/** What kind of business it is also says that a D1 account is a lease, or a financing of securities. */
function businessOf(account: AccountRecord, quirks: CcrcQuirks): string | undefined {
  if (quirks.unknownCodes) return '77';
  const told = keptCode(account, 'business_kind') ?? businessKinds[account.business_kind ?? ''];
  if (told !== undefined) return told;
  if (account.type === 'lease') return '92';
  if (account.type === 'securities_financing') return '63';
  return gapText(account.absent?.['business_kind'], quirks);
}

function stateOf(account: AccountRecord, quirks: CcrcQuirks): string | undefined {
  if (quirks.unknownCodes) return '77';
  const type = keptCode(account, 'type') ?? accountTypes[account.type] ?? '';
  return keptCode(account, 'status') ?? statesOf(type)[account.status];
}

function latest(p: string, account: AccountRecord, quirks: CcrcQuirks): string {
  return new Tags(account, quirks)
    .raw(`${p}BD01`, account.native_ext?.[`${p}BD01`] ?? stateOf(account, quirks))
    .date(`${p}BR01`, 'closed')
    .amount(`${p}BJ01`, 'balance', account.currency)
    .date(`${p}BR02`, 'last_paid_on')
    .code(`${p}BD03`, 'class5', class5)
    .kept(`${p}BJ02`, `${p}BD04`, `${p}BR04`)
    .raw(`${p}BR03`, account.native_ext?.[`${p}BR03`] ?? account.as_of).xml;
}

function monthly(p: string, account: AccountRecord, quirks: CcrcQuirks): string {
  const { currency, overdue_principal: buckets } = account;
  const gap = gapText(account.absent?.['overdue_principal'], quirks);
  const writer = new Tags(account, quirks)
    .raw(`${p}CR01`, account.native_ext?.[`${p}CR01`] ?? account.as_of.slice(0, 7))
    .raw(`${p}CD01`, account.native_ext?.[`${p}CD01`] ?? stateOf(account, quirks))
    .amount(`${p}CJ01`, 'balance', currency, false)
    .amount(`${p}CJ02`, 'used', currency, false)
    .code(`${p}CD02`, 'class5', class5)
    .plain(`${p}CS01`, 'remaining_terms')
    .amount(`${p}CJ04`, 'scheduled_due', currency, false)
    .amount(`${p}CJ05`, 'actual_paid', currency, false)
    .date(`${p}CR03`, 'last_paid_on')
    .plain(`${p}CS02`, 'overdue_terms')
    .amount(`${p}CJ06`, 'overdue_total', currency, false)
    .amount(`${p}CJ12`, 'average_used_6m', currency, false)
    .amount(`${p}CJ13`, 'peak_used', currency, false)
    .kept(`${p}CJ03`, `${p}CJ11`, `${p}CJ14`, `${p}CJ15`, `${p}CR02`, `${p}CR04`);
  const names = ['d31_60', 'd61_90', 'd91_180', 'd181'] as const;
  const view = { ...account, ...buckets } as AccountRecord;
  const bucketTags = names.map((name, at) => {
    const tagName = `${p}CJ${String(at + 7).padStart(2, '0')}`;
    if (buckets === undefined) return gap === undefined ? '' : tag(tagName, gap);
    return new Tags(view, quirks).amount(tagName, name, currency, false).xml;
  });
  return writer.inner(bucketTags.join('')).xml;
}

function transactionsOf(p: string, events: readonly Event[], quirks: CcrcQuirks): string {
  const list = events.filter(({ kind }) => kind !== 'special_event' && kind !== 'large_instalment');
  return counted(
    `${p}F`,
    list,
    (event) =>
      new Tags(event, quirks)
        .code(`${p}FD01`, 'kind', transactions)
        .date(`${p}FR01`, 'on')
        .plain(`${p}FS02`, 'term_change_months')
        .money(`${p}FJ01`, 'amount')
        .plain(`${p}FQ01`, 'text').xml,
  );
}

function specialEvents(p: string, events: readonly Event[]): string {
  const list = events.filter(({ kind }) => kind === 'special_event');
  return counted(
    `${p}G`,
    list,
    (event) => tag(`${p}GR01`, event.on) + tag(`${p}GD01`, keptCode(event, 'kind') ?? '1'),
  );
}

function instalments(p: string, events: readonly Event[], quirks: CcrcQuirks): string {
  const list = events.filter(({ kind }) => kind === 'large_instalment');
  return counted(
    `${p}H`,
    list,
    (event) =>
      new Tags(event, quirks).money(`${p}HJ01`, 'amount').date(`${p}HR01`, 'on').kept(`${p}HR02`, `${p}HJ02`)
        .xml,
  );
}

/** A group with the count of its entries before them. */
function counted(p: string, events: readonly Event[], write: (event: Event) => string): string {
  if (events.length === 0) return '';
  const entries = events.map((event) => group(`${p}H`, write(event)));
  return group(p, tag(`${p}S01`, String(events.length)) + entries.join(''));
}
