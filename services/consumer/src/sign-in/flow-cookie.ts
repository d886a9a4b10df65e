import { CausewayError, decodeBase64url, encodeBase64url } from '@causeway/protocol';
import { open, seal } from '@causeway/service';
import { parseCookie, stringifySetCookie } from 'cookie';
import Type from 'typebox';
import { Value } from 'typebox/value';
import type { Consumer } from '../consumer.ts';
import { actSchema } from './act.ts';

/** A sign-in between its two redirects: kept by the browser that began it, readable by this service only. */
const flowSchema = Type.Object(
  {
    state: Type.String(),
    nonce: Type.String(),
    verifier: Type.String(),
    /** Where the browser goes afterwards, a path of this service. */
    returnTo: Type.String(),
    /** What is done with the id_token; without it a session is opened. */
    act: Type.Optional(actSchema),
    /** Milliseconds since the epoch. */
    expires: Type.Integer(),
  },
  { additionalProperties: false },
);
export type Flow = Type.Static<typeof flowSchema>;

const flowCookie = '__Host-causeway-consumer-sign-in';
const bound = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;
const aad = 'sign-in flow';

/** The `Set-Cookie` line that gives the flow to the browser. */
export function keepFlow({ random, sealing }: Pick<Consumer, 'random' | 'sealing'>, flow: Flow): string {
  const value = encodeBase64url(seal(sealing, Buffer.from(JSON.stringify(flow)), aad, random));
  return stringifySetCookie({ name: flowCookie, value, ...bound, expires: new Date(flow.expires) });
}

/** The line that takes it away: a flow ends with its first return, whatever that brings. */
export function dropFlow(): string {
  return stringifySetCookie({ name: flowCookie, value: '', ...bound, maxAge: 0 });
}

/** The flow that this browser began. Throws `token_invalid` where it began none, or too long ago. */
export function flowOf(
  { clock, sealing }: Pick<Consumer, 'clock' | 'sealing'>,
  cookies: string | undefined,
): Flow {
  const flow = readFlow(sealing, parseCookie(cookies ?? '')[flowCookie]);
  if (flow === undefined || flow.expires <= clock.now()) {
    throw new CausewayError('token_invalid', { detail: 'This browser has begun no sign-in. Begin anew.' });
  }
  return flow;
}

function readFlow(sealing: Uint8Array, value: string | undefined): Flow | undefined {
  if (value === undefined) return undefined;
  try {
    const flow: unknown = JSON.parse(open(sealing, decodeBase64url(value), aad).toString());
    return Value.Check(flowSchema, flow) ? flow : undefined;
  } catch {
    return undefined;
  }
}
