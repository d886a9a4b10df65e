import type { DeliveredReport } from '@causeway/sdk';
import { paint } from '../terminal.ts';
import { amount } from './amounts.ts';

type Merged = DeliveredReport['report']['claims']['merged'];
type RowOf<L extends keyof Merged> = NonNullable<Merged[L]>[number];

/** Rows of one kind shown before the rest is only counted. */
const ROWS_SHOWN = 6;

/** What a report says beside accounts and payments, a line for each row. */
export function furtherLines({ merged }: { merged: Merged }): string[] {
  return [
    ...listed('scores', merged.scores, scoreText),
    ...listed('watch lists', merged.watchlist, watchlistText),
    ...listed('public records', merged.public_records, publicRecordText),
    ...listed('guarantees and co-debts', merged.liabilities, liabilityText),
    ...listed('credit agreements', merged.facilities, facilityText),
    ...listed('post-paid services', merged.postpaid, postpaidText),
    ...listed('owners and officers', merged.relations, relationText),
    ...listed('financial statements', merged.statements, statementText),
    ...listed('ratings', merged.ratings, ratingText),
    ...listed('annotations', merged.annotations, annotationText),
  ];
}

interface Sourced {
  readonly sources: readonly { readonly bureau: string }[];
}

function listed<R extends Sourced>(
  head: string,
  rows: readonly R[] | undefined,
  text: (row: R) => readonly (string | undefined)[],
): string[] {
  if (!rows) return [];
  const lines = rows.slice(0, ROWS_SHOWN).map((row) => {
    const source = row.sources.map(({ bureau }) => bureau).join('+');
    const said = text(row).filter((part) => part !== undefined);
    return `  ${said.join(', ')} (${source})`;
  });
  const hidden = rows.length - lines.length;
  return ['', head, ...lines, ...(hidden > 0 ? [`  and ${hidden} more`] : [])];
}

const SAFE_END = { higher_safer: 'higher is safer', higher_riskier: 'higher is riskier' } as const;

function scoreText(row: RowOf<'scores'>) {
  const value =
    row.value ?? row.grade ?? `none: ${row.unscorable_reason ?? row.absent?.['value'] ?? 'unknown'}`;
  return [
    `${row.model} ${value}`,
    `range ${row.min} to ${row.max}`,
    SAFE_END[row.direction],
    row.value === undefined ? undefined : row.grade,
    row.as_of,
  ];
}

function watchlistText(row: RowOf<'watchlist'>) {
  return [
    `${row.list} ${row.sector}: ${row.risk_type} ${row.risk_code}`,
    row.severity === undefined ? undefined : `severity ${row.severity}`,
    moneyText(row.amount),
    row.occurred,
    settledText(row.settled),
    row.dispute_state === 'open' ? paint('yellow', 'disputed') : undefined,
    row.statement,
  ];
}

const settledText = (settled: boolean | undefined) => {
  if (settled === undefined) return undefined;
  return settled ? paint('green', 'settled') : paint('red', 'not settled');
};

function publicRecordText(row: RowOf<'public_records'>) {
  const { currency = '' } = row;
  return [
    row.kind,
    row.authority,
    row.case_no,
    row.decided_on ?? row.filed_on,
    row.amount_claimed && `claimed ${amount(row.amount_claimed, currency)} ${currency}`,
    row.amount_paid && `paid ${amount(row.amount_paid, currency)} ${currency}`,
    row.result,
  ];
}

function liabilityText(row: RowOf<'liabilities'>) {
  return [
    row.for_subject === undefined ? row.role : `${row.role} (debtor: ${row.for_subject})`,
    `answers for ${amount(row.responsibility, row.currency)} ${row.currency}`,
    `balance ${amount(row.balance, row.currency)}`,
    row.class5,
    row.due && `due ${row.due}`,
  ];
}

function facilityText(row: RowOf<'facilities'>) {
  return [
    row.kind,
    `limit ${amount(row.limit, row.currency)} ${row.currency}`,
    `used ${amount(row.used, row.currency)}`,
    row.valid_to && `until ${row.valid_to}`,
    row.status,
  ];
}

function postpaidText(row: RowOf<'postpaid'>) {
  return [row.sector, row.status, row.arrears && `arrears ${moneyText(row.arrears)}`, row.as_of];
}

function relationText(row: RowOf<'relations'>) {
  return [
    row.kind,
    `${row.party_kind} ${row.party_ref}`,
    row.ratio_ppm === undefined ? undefined : `${row.ratio_ppm / 10_000} %`,
    row.role,
    row.until && `until ${row.until}`,
  ];
}

function statementText(row: RowOf<'statements'>) {
  return [
    `${row.kind} of ${row.period} (${row.span})`,
    row.standard,
    row.audited === true ? 'audited' : undefined,
    `${Object.keys(row.items).length} items in ${row.currency}`,
  ];
}

function ratingText(row: RowOf<'ratings'>) {
  return [`${row.agency} ${row.grade}`, row.outlook && `outlook ${row.outlook}`, row.rated_on];
}

function annotationText(row: RowOf<'annotations'>) {
  return [row.kind, row.text, row.about && `about ${row.about}`, row.added_on];
}

/** An amount, or the band of which a source tells only that. */
function moneyText(money: RowOf<'watchlist'>['amount']): string | undefined {
  if (!money) return undefined;
  const { currency } = money;
  if ('amount_minor' in money) return `${amount(money.amount_minor, currency)} ${currency}`;
  const lower = amount(money.lower_minor, currency);
  if (money.upper_minor === undefined) return `more than ${lower} ${currency}`;
  return `${lower} to ${amount(money.upper_minor, currency)} ${currency}`;
}
