import { systemRandom } from '@causeway/kernel';
import { CausewayError, sha256Digest, verify } from '@causeway/protocol';
import type { Handling, UnsignedClaims, Verified } from '@causeway/protocol';
import { fed, subject } from '@causeway/protocol/federation.fixture';
import { baseApp } from '@causeway/service/base-app';
import { plainServer } from '@causeway/service/server';
import { PeerFailure } from '@causeway/service';

import type { Bureau } from '../bureau.ts';
import type { World } from '../test-world.ts';
import { disputeDoor } from './door.ts';
import { disputeRoutes } from './route.ts';
import { sendSteps } from './send.ts';

export const text = 'I paid this back in March.';

/** Both doors of a bureau's disputes, with the consumer service at the other end. */
export function deskOf(world: World) {
  const { clock, directory } = world;
  /** What the consumer service has received, in order; `away` where it does not answer. */
  const received: { handling: Verified<Handling>; body: Sent }[] = [];
  const consumer = { away: false, received };
  const bureau: Bureau = {
    ...world.bureau,
    federation: {
      call: async ({ body }) => {
        if (consumer.away) throw new PeerFailure('unreachable');
        const sent = body as Sent;
        const context = { keys: directory.current.keys, fed, nowMs: clock.now(), audience: 'consumer' };
        const handling = verify('handling', sent.handling, { ...context, received: 'forwarded' });
        consumer.received.push({ handling, body: sent });
        return { recorded: true, corrections: 0 } as never;
      },
    },
  };
  const call = async (
    listener: 'public' | 'federation',
    who: string,
    method: 'GET' | 'POST',
    url: string,
    payload?: object,
  ) => {
    const app = baseApp({ log: bureau.log, clock, random: systemRandom }, plainServer);
    app.decorateRequest('peer', '');
    app.decorateRequest('caller');
    // Tokens and certificates have their own tests; here it is the test's word.
    app.decorate('requireToken', (scope: string) => async (request) => {
      if (who === '') throw new CausewayError('token_missing');
      request.caller = { member: who, scopes: [scope] };
    });
    app.addHook('onRequest', async (request) => {
      request.peer = who;
    });
    if (listener === 'public') disputeRoutes(app, bureau);
    else disputeDoor(app, bureau);
    const answer = await app.inject({ method, url, ...(payload && { payload }) });
    await app.close();
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };
  const opening = (change: Partial<UnsignedClaims<'dispute'>> = {}, by = 'consumer') => {
    const now = Math.floor(clock.now() / 1000);
    return world.signAs(by, 'dispute', {
      ...{ aud: 'central', exp: now + 86_400, action: 'open', subject_refs: [subject], record: 'account-L1' },
      ...{ reason: 'already_paid', text_digest: sha256Digest(text), received_at: now, ...change },
    });
  };
  return {
    ...{ bureau, consumer, opening },
    send: async () => await sendSteps(bureau),
    /** What the consumer service does with a statement. */
    deliver: async (dispute: string, words = text, peer = 'consumer') =>
      await call('federation', peer, 'POST', '/v1/disputes', { dispute, text: words }),
    act: async (id: string, what: string, said: object, member = 'central') =>
      await call('public', member, 'POST', `/v1/disputes/${id}/${what}`, said),
    look: async (path = '', member = 'central') => await call('public', member, 'GET', `/v1/disputes${path}`),
  };
}

interface Sent {
  readonly handling: string;
  readonly text?: string;
  readonly recipients?: readonly string[];
  readonly categories?: readonly string[];
}
