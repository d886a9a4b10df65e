import type { Clock } from '@causeway/kernel';
import { seconds } from '@causeway/kernel';
import type { ReplayStore } from '@causeway/service/replay-store';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { clientOf } from './clients.ts';
import type { MemberEntry } from '@causeway/protocol/member-entry';

interface Stores {
  /** The member entry in force. */
  readonly member: (id: string) => MemberEntry | undefined;
  readonly replay: ReplayStore;
  readonly clock: Clock;
}

/** How long a replay key without a time of its own is kept; the library always gives one. */
const KEPT_S = 900;

/**
 * What the token endpoint keeps. Clients are the members of the directory of this moment, never a copy.
 * Replay keys are rows whose unique index decides, because the library itself looks first and writes later,
 * and 50 copies of one assertion would all find nothing. Nothing else is kept: access tokens are JWTs and no
 * other grant exists.
 */
export function tokenAdapter(stores: Stores): AdapterFactory {
  return (model) => {
    if (model === 'Client') return clients(stores);
    if (model === 'ReplayDetection') return replays(stores);
    return nothing(model);
  };
}

function clients({ member, clock }: Stores): Adapter {
  return { ...nothing('Client'), find: async (id) => clientOf(member(id), seconds(clock)) };
}

function replays({ replay, clock }: Stores): Adapter {
  return {
    ...nothing('ReplayDetection'),
    // The insert below is the test; what find says could be out of date when it is read.
    find: async () => undefined,
    upsert: async (id, _payload, expiresInS) => {
      const first = await replay.once(`oauth:${id}`, clock.now() + (expiresInS ?? KEPT_S) * 1000);
      if (!first) throw new errors.InvalidClientAuth('an assertion or a proof counts once');
    },
  };
}

function nothing(model: string): Adapter {
  const refuse = async (): Promise<undefined> => {
    throw new errors.InvalidRequest(`${model} is not offered here`);
  };
  const absent = async (): Promise<AdapterPayload | undefined> => undefined;
  return {
    upsert: refuse,
    find: absent,
    findByUid: absent,
    findByUserCode: absent,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}
