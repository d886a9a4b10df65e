import type { PDate } from '@causeway/kernel';

import { SourceFault } from '../source-fault.ts';
import { faultOf } from './error-codes.ts';
import type { Notes } from './notes.ts';
import { isNothing, rowsOf, type Members, type TencentAnswer } from './reply.ts';
import { dayOf, flagOf, readingOf, wholeOf, type Reading } from './values.ts';

/** One risk code. `severity` is null where the system has no valid value, undefined where it says none. */
export interface RiskRow {
  readonly code: string;
  readonly severity: number | null | undefined;
  readonly amountFen?: number;
  readonly occurred?: PDate;
}

/** What the anti-fraud interface says, whichever of its three forms it came in. */
export interface AntiFraud {
  /** Whether it knows the person, and whether it has said anything of them. */
  readonly known: boolean;
  readonly found: boolean;
  readonly requestId: string;
  readonly day: PDate | undefined;
  readonly risk: Reading;
  readonly models: readonly { readonly id: string; readonly reading: Reading }[];
  readonly rows: readonly RiskRow[];
}

const dataMembers: ReadonlySet<string> = new Set(
  'Code CodeDesc Message Found IdFound RiskScore RiskInfo OtherModelScores PostTime'.split(' '),
);
const rowMembers: ReadonlySet<string> = new Set(
  'RiskCode RiskCodeValue RiskValue Amount OccurTime'.split(' '),
);
const modelMembers: ReadonlySet<string> = new Set(['ModelId', 'ModelScore']);
const [rowsMax, modelsMax, scoreMax] = [256, 32, 100];

/**
 * @throws SourceFault by the business code; `partial` where it does not say whether it found anybody;
 * `upstream_error` where it contradicts itself or a value is impossible
 */
export function readAntiFraud(answer: TencentAnswer, nowMs: number, notes: Notes): AntiFraud {
  const { beside, data, requestId } = answer;
  notes.dropped(beside, new Set());
  notes.dropped(data, dataMembers);
  demandSuccess(data);
  const read = {
    requestId,
    day: dayOf(data, 'PostTime', nowMs),
    risk: readingOf(data, 'RiskScore', 0, scoreMax),
    models: rowsOf(data, 'OtherModelScores', modelsMax).flatMap((row) => modelOf(row, notes)),
    rows: rowsOf(data, 'RiskInfo', rowsMax).flatMap((row) => rowOf(row, nowMs, notes)),
  };
  const standing = standingOf(data, read, notes);
  return standing.found ? { ...read, ...standing } : { ...read, ...standing, ...nothingSaid };
}

const nothingSaid = { risk: undefined, models: [], rows: [] } as const;

/** `Code` is "0" on success; where there is none, as in QueryAntiFraud, `CodeDesc` says it. */
function demandSuccess(data: Members): void {
  const { Code: code, CodeDesc: text } = data;
  const failed = !isNothing(code) && code !== '0' && code !== 0;
  if (failed || (!isNothing(text) && text !== 'Success')) throw faultOf(text);
}

/** A number that is known without a record is a fact: a person of whom nothing is held. */
function standingOf(
  data: Members,
  read: Pick<AntiFraud, 'risk' | 'models' | 'rows'>,
  notes: Notes,
): Pick<AntiFraud, 'known' | 'found'> {
  const found = flagOf(data, 'Found');
  const byNumber = flagOf(data, 'IdFound');
  const readings = [read.risk, ...read.models.map(({ reading }) => reading)];
  const tells = read.rows.length > 0 || readings.some((reading) => typeof reading === 'number');
  if (found === false && tells) {
    throw new SourceFault('upstream_error', 'it found nobody and says something of them');
  }
  if (found === undefined) {
    if (read.risk === undefined && !tells) throw new SourceFault('partial', 'Found has no valid value');
    notes.add('Found', 'assumed');
  }
  if (!(found ?? tells)) return { known: byNumber === true, found: false };
  // Found by something else than the number that was asked for: nobody knows whose it is.
  if (byNumber === false) notes.add('IdFound', 'conflict');
  return { known: byNumber !== false, found: byNumber !== false };
}

/** The main model, '0', says what RiskScore says; it is told apart where it does not. */
function modelOf(row: Members, notes: Notes): { id: string; reading: Reading }[] {
  notes.dropped(row, modelMembers);
  const id = codeOf(row, 'ModelId');
  if (id !== undefined) return [{ id, reading: readingOf(row, 'ModelScore', 0, scoreMax) }];
  notes.add('ModelId', 'unreadable');
  return [];
}

function rowOf(row: Members, nowMs: number, notes: Notes): RiskRow[] {
  notes.dropped(row, rowMembers);
  const code = codeOf(row, 'RiskCode');
  if (code === undefined) {
    notes.add('RiskCode', 'unreadable');
    return [];
  }
  const amountFen = wholeOf(row, 'Amount', 0, Number.MAX_SAFE_INTEGER);
  const occurred = dayOf(row, 'OccurTime', nowMs, 0);
  return [
    {
      code,
      severity: severityOf(row, notes),
      ...(amountFen === undefined ? {} : { amountFen }),
      ...(occurred === undefined ? {} : { occurred }),
    },
  ];
}

/** GetAntiFraud names it RiskCodeValue, DescribeAntiFraud RiskValue, QueryAntiFraud has none. */
function severityOf(row: Members, notes: Notes): RiskRow['severity'] {
  const names = ['RiskCodeValue', 'RiskValue'].filter((name) => row[name] !== undefined);
  const values = names.map((name) => readingOf(row, name, 0, scoreMax));
  if (new Set(values).size > 1) {
    notes.add('RiskValue', 'conflict');
    return null;
  }
  const [value] = values;
  if (names.length === 0) return undefined;
  return typeof value === 'number' ? value : null;
}

function codeOf(row: Members, name: string): string | undefined {
  const text = typeof row[name] === 'number' ? String(row[name]) : row[name];
  return typeof text === 'string' && /^[0-9]{1,10}$/u.test(text) ? text : undefined;
}
