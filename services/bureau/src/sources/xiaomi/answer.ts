import { parseStrictJson } from '@causeway/protocol';
import { decodeStrict } from '@causeway/records';
import Type from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';

import type { NativeReply } from '../native-call.ts';
import { SourceFault, type FaultClass } from '../source-fault.ts';

const closed = { additionalProperties: false } as const;
/** Depth enough for `devices`, which is read only to be dropped. */
const depthMax = 12;

const reply = Compile(
  Type.Object(
    {
      retCode: Type.String({ maxLength: 32 }),
      retMsg: Type.Optional(Type.Union([Type.String({ maxLength: 1000 }), Type.Null()])),
      data: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    },
    closed,
  ),
);

const LoanSchema = Type.Object(
  {
    loanNo: Type.String({ pattern: '^[A-Za-z0-9-]{1,24}$' }),
    /** Fen. */
    amt: Type.Integer({ minimum: 0 }),
    /** Yuan, two decimals. */
    bal: Type.String({ pattern: '^(0|[1-9][0-9]{0,14})\\.[0-9]{2}$' }),
    openDt: Type.String({ pattern: '^[0-9]{4}/[0-9]{2}/[0-9]{2}$' }),
    dueDt: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    /** An array of numbers, as a text. */
    terms: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])),
    sts: Type.Enum(['S', 'N', 'O', 'W']),
    maxOvdDays: Type.Integer({ minimum: 0, maximum: 9999 }),
  },
  closed,
);

const DataSchema = Type.Object(
  {
    uid: Type.String({ pattern: '^[!-~]{1,64}$' }),
    /** Null where the person cannot be scored; absent where no score is told. */
    mixScore: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
    /** The day of everything in the answer. */
    scoreDate: Type.String({ pattern: '^[0-9]{8}$' }),
    loans: Type.Array(LoanSchema, { maxItems: 500 }),
    devices: Type.Optional(Type.Unknown()),
  },
  closed,
);

export type NativeLoan = Static<typeof LoanSchema>;
export type NativeData = Static<typeof DataSchema>;

const data = Compile(DataSchema);

/** What each return code means; 2001, no such user, is a finding and no fault. */
const codeFaults: ReadonlyMap<string, FaultClass> = new Map([
  ['1001', 'signature_invalid'],
  ['1002', 'bad_request'],
  ['2002', 'not_authorised'],
  ['3001', 'upstream_unavailable'],
  ['9999', 'upstream_error'],
]);

/**
 * What the native system says of a person; undefined where it does not know them.
 * @throws SourceFault for every other answer, and for whatever is not read to its last byte
 */
export function answerOf({ body, status }: NativeReply): NativeData | undefined {
  if (status !== 200) throw new SourceFault(statusFault(status), 'answered by HTTP alone', String(status));
  const { data: text, retCode } = shaped(reply, jsonOf(body), 'the reply');
  const said = text ?? '';
  const fault = codeFaults.get(retCode);
  if (fault !== undefined) throw new SourceFault(fault, 'the native system says so', retCode);
  if (retCode === '2001') {
    if (said !== '') throw unreadable('a user who is not known comes with data');
    return undefined;
  }
  if (retCode !== '0000') {
    // An unknown code is told on only in the shape of a code: it could be anything.
    throw new SourceFault('upstream_error', 'unknown code', /^[0-9]{4}$/u.test(retCode) ? retCode : '?');
  }
  return shaped(data, jsonOf(base64Of(said)), 'the data');
}

/** The native code of a fault that may pass: the system says that it is busy. */
export function isBusy(error: unknown): error is SourceFault {
  return error instanceof SourceFault && error.native === '3001';
}

export function unreadable(what: string): SourceFault {
  return new SourceFault('upstream_error', what);
}

function statusFault(status: number): FaultClass {
  if (status === 429) return 'rate_limited';
  return status >= 502 && status <= 504 ? 'upstream_unavailable' : 'upstream_error';
}

function shaped<T>(schema: { Check(value: unknown): value is T }, value: unknown, what: string): T {
  if (!schema.Check(value)) throw unreadable(`${what} has another shape`);
  return value;
}

/** JSON in GBK. Half a character, a key that stands twice, a fraction: nothing of it is guessed. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(decodeStrict(bytes, 'gbk'), { depthMax });
  } catch {
    throw unreadable('not JSON in GBK');
  }
}

/** Node reads base64 with anything between its characters; only the one spelling of the bytes is taken. */
function base64Of(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== text) throw unreadable('the data are not base64');
  return bytes;
}
