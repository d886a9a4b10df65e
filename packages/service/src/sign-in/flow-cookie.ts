import type { Clock, Random } from '@causeway/kernel';
import { CausewayError, decodeBase64url, encodeBase64url } from '@causeway/protocol';
import { parseCookie, stringifySetCookie } from 'cookie';
import Type from 'typebox';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

import { open, seal } from '../sealing.ts';

const flowSchema = Type.Object({
  state: Type.String(),
  nonce: Type.String(),
  verifier: Type.String(),
  /** Where the browser goes afterwards, a path of this service. */
  returnTo: Type.String(),
  /** Milliseconds since the epoch. */
  expires: Type.Integer(),
  act: Type.Optional(Type.Unknown()),
});

/** A sign-in between its two redirects. */
export interface Flow<A = never> {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
  readonly expires: number;
  /** What is done with the id_token; without it a session is opened. */
  readonly act?: A;
}

interface Options<S extends TSchema> {
  /** The service's own: cookies ignore ports, so that each service of a machine has names of its own. */
  readonly name: string;
  readonly act: S;
  readonly clock: Clock;
  readonly random: Random;
  /** 32 bytes. */
  readonly sealing: Uint8Array;
}

export interface FlowCookie<A> {
  /** The `Set-Cookie` line that gives the flow to the browser. */
  keep(flow: Flow<A>): string;
  /** The line that takes it away: a flow ends with its first return, whatever that brings. */
  drop(): string;
  /** The flow that this browser began. Throws `token_invalid` where it began none, or too long ago. */
  read(cookies: string | undefined): Flow<A>;
}

const bound = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;
const aad = 'sign-in flow';

/** Keeps a sign-in with the browser that began it, readable by this service only; no row is written. */
export function flowCookie<S extends TSchema>(options: Options<S>): FlowCookie<Static<S>> {
  const { clock, name, random, sealing } = options;
  const isAct = (act: unknown): act is Static<S> => Value.Check(options.act, act);
  const read = (value: string | undefined): Flow<Static<S>> | undefined => {
    if (value === undefined) return undefined;
    try {
      const flow: unknown = JSON.parse(open(sealing, decodeBase64url(value), aad).toString());
      if (!Value.Check(flowSchema, flow)) return undefined;
      const { act, ...rest } = flow;
      if (act === undefined) return rest;
      return isAct(act) ? { ...rest, act } : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    keep: (flow) => {
      const value = encodeBase64url(seal(sealing, Buffer.from(JSON.stringify(flow)), aad, random));
      return stringifySetCookie({ name, value, ...bound, expires: new Date(flow.expires) });
    },
    drop: () => stringifySetCookie({ name, value: '', ...bound, maxAge: 0 }),
    read: (cookies) => {
      const flow = read(parseCookie(cookies ?? '')[name]);
      if (flow === undefined || flow.expires <= clock.now()) {
        throw new CausewayError('token_invalid', {
          detail: 'This browser has begun no sign-in. Begin anew.',
        });
      }
      return flow;
    },
  };
}
