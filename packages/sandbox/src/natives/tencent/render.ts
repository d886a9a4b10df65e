import { isDate } from '@causeway/kernel';
import type { CreditRecord, RecordOf } from '@causeway/records';

type Score = RecordOf<'score'>;
type Entry = RecordOf<'watchlist'>;
type Shape = Record<string, unknown>;

/** What GetAntiFraud says of a person whom the system does not know, or knows without a record. */
export function renderNobody(nowSeconds: number, knownByNumber: boolean): Shape {
  return {
    Code: '0',
    CodeDesc: 'Success',
    Message: 'Success',
    Found: '-1',
    IdFound: knownByNumber ? '1' : '-1',
    RiskScore: '-1',
    RiskInfo: [],
    OtherModelScores: [],
    PostTime: String(nowSeconds),
  };
}

/** `Data` of GetAntiFraud, or undefined where these records hold nothing of its kind. */
export function renderAntiFraud(records: readonly CreditRecord[], nowSeconds: number): Shape | undefined {
  const scores = records.filter((record) => record.record === 'score').filter(isRisky);
  const entries = records.filter((record) => record.record === 'watchlist').filter(isRisk);
  const main = scores.find(({ model_version }) => model_version === undefined);
  const [first] = [main, ...entries].filter((record) => record !== undefined);
  if (first === undefined) return undefined;
  const others = scores.filter(({ model_version }) => /^[0-9]{1,10}$/u.test(model_version ?? ''));
  return {
    Code: '0',
    CodeDesc: 'Success',
    Message: 'Success',
    Found: '1',
    IdFound: '1',
    RiskScore: main === undefined ? null : written(main),
    RiskInfo: entries.map(risk),
    OtherModelScores: [
      ...(main === undefined ? [] : [{ ModelId: '0', ModelScore: written(main) }]),
      ...others.map((score) => ({ ModelId: score.model_version, ModelScore: written(score) })),
    ],
    PostTime: String(secondsOf(first.as_of) ?? nowSeconds),
    ExtensionOut: '',
  };
}

/** `Data` of the simulated QueryCreditScore. */
export function renderCreditScore(records: readonly CreditRecord[]): Shape {
  const score = records.filter((record) => record.record === 'score').find(isSafe);
  if (score === undefined) return { Found: '-1', Score: '-1', Indices: null, UpdateTime: null };
  return {
    Found: '1',
    Score: written(score),
    Indices: { ...indicesOf(score), Shejiao: 50 },
    UpdateTime: secondsOf(score.as_of) ?? null,
  };
}

const isRisky = ({ direction, max, min }: Score): boolean =>
  direction === 'higher_riskier' && min === 0 && max === 100;
const isSafe = ({ direction, max, min }: Score): boolean =>
  direction === 'higher_safer' && min === 300 && max === 850;
const isRisk = ({ risk_code }: Entry): boolean => /^[0-9]{1,10}$/u.test(risk_code);

function written({ unscorable_reason, value }: Score): string | null {
  if (value !== undefined) return String(value);
  return unscorable_reason === undefined ? null : '-1';
}

function risk(entry: Entry): Shape {
  const { absent, amount, occurred, risk_code, severity } = entry;
  const fen = amount !== undefined && 'amount_minor' in amount ? Number(amount.amount_minor) : undefined;
  const seconds = occurred === undefined ? undefined : secondsOf(occurred);
  return {
    RiskCode: risk_code,
    ...(severity === undefined ? {} : { RiskCodeValue: String(severity) }),
    ...(absent?.['severity'] === 'unknown_at_source' ? { RiskCodeValue: null } : {}),
    ...(fen === undefined || amount?.currency !== 'CNY' || !Number.isSafeInteger(fen) ? {} : { Amount: fen }),
    ...(seconds === undefined ? {} : { OccurTime: seconds }),
  };
}

function indicesOf({ native_ext }: Score): Shape {
  const given = Object.entries(native_ext ?? {}).filter(([name]) => name.startsWith('Indices.'));
  return Object.fromEntries(given.map(([name, value]) => [name.slice('Indices.'.length), Number(value)]));
}

/** The beginning of a day in Shanghai; a month or a year has none. */
function secondsOf(day: string): number | undefined {
  return isDate(day) ? Date.parse(`${day}T00:00:00+08:00`) / 1000 : undefined;
}
