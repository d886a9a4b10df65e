import { addMonths } from '@causeway/kernel';
import type { RecordOf } from '@causeway/records';

import {
  businessKinds,
  class5,
  facilityKinds,
  facilityStates,
  liabilityRoles,
  parties,
  postpaidStates,
  sectors,
} from './codes.ts';
import { writeMarks } from './marks.ts';
import type { CcrcQuirks } from './quirks.ts';
import { group, Tags } from './tags.ts';

/** PD02, ED02: a credit agreement. */
export function writeFacility(p: string, facility: RecordOf<'facility'>, quirks: CcrcQuirks): string {
  const { currency } = facility;
  const basic = new Tags(facility, quirks)
    .raw(`${p}AI01`, facility.agreement_ref)
    .plain(`${p}AI02`, 'lender_ref')
    .code(`${p}AD02`, 'kind', facilityKinds)
    .amount(`${p}AJ01`, 'limit', currency)
    .raw(`${p}AD03`, currency)
    .date(`${p}AR01`, 'valid_from')
    .date(`${p}AR02`, 'valid_to')
    .code(`${p}AD04`, 'status', facilityStates)
    .amount(`${p}AJ03`, 'sub_limit', currency)
    .amount(`${p}AJ04`, 'used', currency)
    .kept(`${p}AI03`, `${p}AI04`, `${p}AD01`).xml;
  return group(p, group(`${p}A`, basic) + writeMarks(`${p}Z`, facility.marks));
}

/** PD03, ED03: somebody else's debt. */
export function writeLiability(p: string, liability: RecordOf<'liability'>, quirks: CcrcQuirks): string {
  const { currency } = liability;
  const basic = new Tags(liability, quirks)
    .code(`${p}AD08`, 'for_subject', parties)
    .plain(`${p}AQ01`, 'lender_ref')
    .code(`${p}AD02`, 'business_kind', businessKinds)
    .date(`${p}AR01`, 'opened')
    .date(`${p}AR02`, 'due')
    .code(`${p}AD03`, 'role', liabilityRoles)
    .raw(`${p}AQ02`, liability.contract_ref)
    .amount(`${p}AJ01`, 'responsibility', currency)
    .raw(`${p}AD04`, currency)
    .amount(`${p}AJ02`, 'balance', currency)
    .code(`${p}AD05`, 'class5', class5)
    .plain(`${p}AS01`, 'overdue_months')
    .kept(`${p}AD01`, `${p}AD06`, `${p}AD07`)
    .raw(`${p}AR03`, liability.as_of).xml;
  return group(p, group(`${p}A`, basic) + writeMarks(`${p}Z`, liability.marks));
}

/** PE01, EE01: a service paid afterwards, with the payments of its last 24 months as one text. */
export function writePostpaid(p: string, postpaid: RecordOf<'postpaid'>, quirks: CcrcQuirks): string {
  const { history } = postpaid;
  const basic = new Tags(postpaid, quirks)
    .kept(`${p}AD01`)
    .code(`${p}AD02`, 'sector', sectors)
    .date(`${p}AR01`, 'opened')
    .code(`${p}AD03`, 'status', postpaidStates)
    .money(`${p}AJ01`, 'arrears')
    .raw(`${p}AR02`, postpaid.as_of)
    .raw(`${p}AQ02`, history === undefined ? undefined : lastMonths(history, postpaid.as_of)).xml;
  return group(p, group(`${p}A`, basic) + writeMarks(`${p}Z`, postpaid.marks));
}

/** One character a month, the month of booking first; months the history does not reach are unknown. */
function lastMonths({ states, to }: { states: string; to: string }, booked: string): string {
  return Array.from({ length: Math.min(states.length, 24) }, (_, back) => {
    const month = addMonths(booked.slice(0, 7), -back);
    const at = states.length - 1 - monthsBetween(month, to);
    return states[at] ?? '#';
  }).join('');
}

function monthsBetween(from: string, to: string): number {
  const [a = '0', b = '0'] = [from, to].map((month) => month.slice(0, 4));
  return (Number(b) - Number(a)) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7));
}
