import { parseStrictJson } from '@causeway/protocol';

import type { NativeReply } from '../native-call.ts';
import { SourceFault } from '../source-fault.ts';
import { faultOf } from './error-codes.ts';

/** The members of one object of a reply. */
export type Members = Readonly<Record<string, unknown>>;

/** What the system says about one subject, in whatever form, and the number of the request. */
export interface TencentAnswer {
  readonly data: Members;
  /** Members beside the data that nobody asked for. */
  readonly beside: Members;
  readonly requestId: string;
}

/** More is no answer about one subject. */
const bytesMax = 262_144;
const depthMax = 12;
const requestIdExpression = /^[A-Za-z0-9][A-Za-z0-9-]{7,63}$/u;

/**
 * Reads a reply: JSON in the strict sense under `Response`, which holds `Error` (with status 200) or the
 * data, in `Data` or, as QueryAntiFraud has it, bare.
 * @throws SourceFault by the system's code; `partial` where it says that it has no valid value;
 * `upstream_error` for what is no reply
 */
export function readReply({ body, status }: NativeReply): TencentAnswer {
  if (status === 429) throw new SourceFault('rate_limited', 'the native system has enough', '429');
  if (status >= 500) {
    throw new SourceFault('upstream_unavailable', 'the native system is out of order', String(status));
  }
  if (status !== 200) throw new SourceFault('upstream_error', 'no reply of the protocol', String(status));
  const { Response: response } = membersOf(parse(body), 'the reply');
  const { Data: data, Error: error, RequestId: requestId, ...beside } = membersOf(response, 'Response');
  if (error !== undefined && error !== null) throw faultOf(membersOf(error, 'Error')['Code']);
  if (typeof requestId !== 'string' || !requestIdExpression.test(requestId)) {
    throw new SourceFault('upstream_error', 'RequestId is missing or is none');
  }
  if (data === undefined) return { data: beside, beside: {}, requestId };
  if (data === null) throw new SourceFault('partial', 'Data has no valid value');
  return { data: membersOf(data, 'Data'), beside, requestId };
}

function parse(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body, { bytesMax, depthMax });
  } catch {
    throw new SourceFault('upstream_error', 'the reply is not JSON in the strict sense');
  }
}

/** @throws SourceFault where the value is no object; `name` is the member's, never a value */
export function membersOf(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SourceFault('upstream_error', `${name} is no object`);
  }
  return value as Members;
}

/** The objects of a list; none where it says that it has no valid value. */
export function rowsOf(members: Members, name: string, rowsMax: number): readonly Members[] {
  const value = members[name];
  if (isNothing(value)) return [];
  if (!Array.isArray(value)) throw new SourceFault('upstream_error', `${name} is no list`);
  if (value.length > rowsMax) throw new SourceFault('upstream_error', `${name} is longer than a list of it`);
  return value.map((row) => membersOf(row, name));
}

/** What the system writes where it has no valid value. */
export function isNothing(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}
