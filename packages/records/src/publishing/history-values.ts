import { packHistory } from '../repayment.ts';
import type { RepaymentHistory } from '../repayment.ts';
import { amountReader } from './amount-values.ts';
import { dateReader } from './date-values.ts';
import type { SpecOf, ToMonth } from './field-specs.ts';
import type { Fail } from './read-value.ts';
import type { ColumnIndex, Row } from './row.ts';

type ReadHistory = (row: Row) => RepaymentHistory | undefined;
type ReadMonth = (row: Row) => string;

const canonical = /^[NM1-7*#ADZBCG/]{1,120}$/u;

/** A history whose codes are packed in one column. */
export function packedHistory(spec: SpecOf<'history'>, index: ColumnIndex, fail: Fail): ReadHistory {
  const at = index(spec.column);
  const absent = new Set(spec.absent ?? ['']);
  const month = monthReader(spec.to, index, fail);
  const native = spec.map ? new Map(Object.entries(spec.map)) : undefined;
  const reversed = spec.newest === 'first';
  return (row) => {
    const text = row[at];
    if (text === undefined || absent.has(text)) return undefined;
    let codes = text;
    if (reversed) codes = [...codes].toReversed().join('');
    if (native) codes = [...codes].map((code) => native.get(code) ?? '?').join('');
    const to = month(row);
    if (spec.scale === undefined && canonical.test(codes)) return { states: codes, to };
    try {
      return packHistory(codes, to, spec.scale);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return fail('history', `is not a repayment history: ${error.message}`);
    }
  };
}

/** A history with a column for each month; a month without a code is an unknown month. */
export function monthlyHistory(spec: SpecOf<'months'>, index: ColumnIndex, fail: Fail): ReadHistory {
  const columns = spec.columns.map((name) => ({ name, at: index(name) }));
  const absent = new Set(spec.absent ?? ['']);
  const codes = new Map(Object.entries(spec.map));
  const month = monthReader(spec.to, index, fail);
  const overdue = spec.overdue && monthlyAmounts(spec.overdue, index, fail);
  return (row) => {
    let states = '';
    let known = false;
    for (const { name, at } of columns) {
      const text = row[at];
      const code = text === undefined ? undefined : codes.get(text);
      if (code !== undefined) known = true;
      else if (text !== undefined && !absent.has(text))
        fail('code', `reads "${name}", which has a code that the mapping does not list`, name);
      states += code ?? '#';
    }
    if (!known) return undefined;
    const amounts = overdue?.(row);
    return { ...(amounts ? { overdue: amounts } : {}), states, to: month(row) };
  };
}

/** The amounts of all months, or undefined where one of them is missing. */
function monthlyAmounts(
  spec: NonNullable<SpecOf<'months'>['overdue']>,
  index: ColumnIndex,
  fail: Fail,
): (row: Row) => string[] | undefined {
  const read = amountReader(spec);
  const columns = spec.columns.map((name) => ({ name, at: index(name) }));
  return (row) => {
    const out: string[] = [];
    for (const { name, at } of columns) {
      const text = row[at];
      if (text === undefined || text === '') return undefined;
      const amount = read(text) ?? fail('decimal', `reads "${name}", which is not an amount`, name);
      if (!amount.startsWith('-')) out.push(amount);
      else if (spec.negative === 'zero') out.push('0');
      else
        return spec.negative === 'absent'
          ? undefined
          : fail('negative', `reads "${name}", which is below zero`, name);
    }
    return out;
  };
}

function monthReader(to: ToMonth, index: ColumnIndex, fail: Fail): ReadMonth {
  if ('const' in to) return () => to.const;
  const at = index(to.column);
  const format = to.format ?? 'YYYY-MM';
  const read = dateReader(format);
  return (row) =>
    (
      read(row[at] ?? '') ??
      fail('date', `ends in "${to.column}", which is not a date written as ${format}`, to.column)
    ).slice(0, 7);
}
