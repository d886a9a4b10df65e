import { codeLists } from './code-lists/index.ts';
import { fieldsOfRecord } from './record-fields.ts';
import type { CreditRecord } from './record.ts';
import { packHistory, type RepaymentHistory, type RepaymentScale } from './repayment.ts';

/** A record of the right shape, as loose as a generator leaves it. */
type Loose = Record<string, unknown>;

const withheld = ['suppressed', 'restricted', 'expired'];
const wholePpm = 1_000_001;

/** The same record with all rules kept that bind one field to another. */
export function mended<R extends CreditRecord>(record: R): R {
  const loose = structuredClone(record) as Loose;
  if (loose['is_adverse'] === true) loose['notice_id'] ??= 'n-1';
  if (loose['expires_on'] !== undefined) loose['retention_rule'] ??= 'cn.adverse.expire';
  mendMarks(loose);
  mendPeriods(loose);
  if (loose['history'] !== undefined) loose['history'] = mendedHistory(loose['history'] as RepaymentHistory);
  if (record.record === 'score') mendScore(loose);
  if (record.record === 'public_record') mendPublicRecord(loose);
  if (record.record === 'postpaid' && loose['history'] !== undefined) {
    loose['arrears'] ??= { amount_minor: '0', currency: 'CNY' };
  }
  if (loose['basis'] !== undefined && Object.keys(loose['basis'] as Loose).length === 0)
    delete loose['basis'];
  if (record.record === 'conditional') loose['basis'] = { consent: `sha-256:${'A'.repeat(43)}` };
  if (typeof loose['ratio_ppm'] === 'number') loose['ratio_ppm'] %= wholePpm;
  if (Array.isArray(loose['co_lenders'])) mendShares(loose['co_lenders'] as { share_ppm: number }[]);
  mendBand(loose['amount'] as Loose | undefined);
  mendFieldNames(loose, fieldsOfRecord(record));
  return loose as R;
}

function mendMarks(loose: Loose): void {
  const marks = (loose['marks'] ?? []) as Loose[];
  for (const mark of marks) mendPeriod(mark, 'added_on', 'ends_on');
  const open = marks.some(({ kind, ends_on }) => kind === 'dispute_mark' && ends_on === undefined);
  if (open && !withheld.includes(String(loose['display_state']))) loose['display_state'] = 'marked';
}

function mendPeriods(loose: Loose): void {
  mendPeriod(loose, 'opened', 'closed');
  mendPeriod(loose, 'valid_from', 'valid_to');
  mendPeriod(loose, 'since', 'until');
  mendPeriod(loose, 'adverse_started_on', 'adverse_ended_on');
  mendPeriod(loose, 'added_on', 'ends_on');
}

/** The later end last. */
function mendPeriod(loose: Loose, from: string, to: string): void {
  const [start, end] = [loose[from], loose[to]];
  if (typeof start !== 'string' || typeof end !== 'string' || start <= end) return;
  [loose[from], loose[to]] = [end, start];
}

/** As many native codes as months, all of one scale; the states follow from them. */
function mendedHistory({ to, states, scale = 'pboc', overdue }: RepaymentHistory): RepaymentHistory {
  const codes = nativeCodesOf(scale);
  const native = [...states].map((state) => codes[state.charCodeAt(0) % codes.length]).join('');
  const amounts = overdue && [...states].map((_, at) => overdue[at % overdue.length] ?? '0');
  return { ...packHistory(native, to, scale), ...(amounts ? { overdue: amounts } : {}) };
}

function nativeCodesOf(scale: RepaymentScale): string[] {
  const list = codeLists.find(({ name }) => name === `${scale}-repayment-states`);
  return (list?.entries ?? []).map(({ code }) => code.split('..')[0] ?? code);
}

function mendScore(loose: Loose): void {
  const [low, high] = [Number(loose['min']), Number(loose['max'])].toSorted((a, b) => a - b) as [
    number,
    number,
  ];
  loose['min'] = Math.min(low, high - 1);
  loose['max'] = high;
  if (loose['value'] !== undefined) {
    loose['value'] = Math.max(Number(loose['min']), Math.min(high, Number(loose['value'])));
    delete loose['unscorable_reason'];
  } else loose['unscorable_reason'] ??= 'thin_file';
  if (typeof loose['percentile_ppm'] === 'number') loose['percentile_ppm'] %= wholePpm;
}

function mendPublicRecord(loose: Loose): void {
  if (loose['amount_claimed'] !== undefined || loose['amount_paid'] !== undefined)
    loose['currency'] ??= 'CNY';
  if (loose['expires_on'] !== undefined) delete loose['public_register_until'];
}

function mendShares(lenders: { share_ppm: number }[]): void {
  for (const lender of lenders) lender.share_ppm %= Math.floor(wholePpm / lenders.length);
}

function mendBand(band: Loose | undefined): void {
  const { lower_minor: lower, upper_minor: upper } = band ?? {};
  if (typeof lower !== 'string' || typeof upper !== 'string') return;
  if (BigInt(lower) >= BigInt(upper)) delete band?.['upper_minor'];
}

/** Reasons for missing values stand at fields that are missing, native codes at fields that are there. */
function mendFieldNames(loose: Loose, fields: ReadonlySet<string>): void {
  const own = [...fields].filter((field) => field !== 'absent' && field !== 'native');
  rename(
    loose,
    'absent',
    own.filter((field) => !Object.hasOwn(loose, field)),
  );
  rename(
    loose,
    'native',
    own.filter((field) => Object.hasOwn(loose, field)),
  );
}

function rename(loose: Loose, member: string, names: readonly string[]): void {
  if (loose[member] === undefined) return;
  // From the end, where the fields of the kind itself stand; those of the envelope come first.
  const values = Object.values(loose[member] as object).slice(0, names.length);
  loose[member] = Object.fromEntries(values.map((value, at) => [names.at(-1 - at), value]));
}
