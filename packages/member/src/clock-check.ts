import type { SteadyClock } from '@causeway/kernel';
import type { FederationClient, Log } from '@causeway/service';
import Type from 'typebox';

export interface ClockCheck {
  /** Asks for the authority's time and compares. Never throws: without an answer the last sample stands. */
  sample(): Promise<void>;
  /** False while the machine's clock is too far from the authority's, or has stepped since the last look. */
  agrees(): boolean;
}

interface Options {
  /** The authority's time, milliseconds since the epoch. */
  readonly authorityMs: () => Promise<number>;
  readonly clock: SteadyClock;
  readonly log: Log;
}

const offsetMsMax = 2000;
const TimeAnswer = Type.Object({ now_ms: Type.Integer() }, { additionalProperties: false });

/**
 * Compares the machine's clock with the authority's, at each poll of the directory. While they disagree the
 * node is not ready, because grants live for seconds. A step is noticed at once, and the node's own time does
 * not follow it before the authority's agrees. Without an answer the last sample stands: the expiry of the
 * directory bounds how long that may be.
 */
export function createClockCheck(options: Options): ClockCheck {
  const { clock, log } = options;
  let off = false;
  const compare = async (): Promise<void> => {
    const offset = await sampleOffset(options);
    const wasOff = off;
    off = offset.ms > offsetMsMax + offset.uncertaintyMs;
    if (!off) clock.follow();
    if (off !== wasOff) log.error({ event: 'clock', alarm: off, offset_ms: Math.round(offset.ms) });
  };
  return {
    sample: async () => {
      await compare().catch((err: unknown) => log.warn({ event: 'clock_not_compared', err }));
    },
    agrees: () => !off && Math.abs(clock.stepped()) <= offsetMsMax,
  };
}

/** How far apart the clocks are; half of the round trip is not known to either. */
async function sampleOffset({ authorityMs, clock }: Options): Promise<{ ms: number; uncertaintyMs: number }> {
  const sentAt = clock.monotonic();
  const answer = await authorityMs();
  const uncertaintyMs = (clock.monotonic() - sentAt) / 2;
  return { ms: Math.abs(answer + uncertaintyMs - clock.machine.now()), uncertaintyMs };
}

/** The time that the authority tells on its federation listener. @throws PeerFailure */
export async function readAuthorityTime(federation: FederationClient, member: string): Promise<number> {
  const call = { member, method: 'GET', path: '/v1/time', schema: TimeAnswer, timeoutMs: 2000 } as const;
  return (await federation.call(call)).now_ms;
}
