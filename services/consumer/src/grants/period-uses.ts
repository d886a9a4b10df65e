import { dateOf, endOfDay } from '@causeway/kernel';
import type { HotStatement, HotTransaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { Frequency } from '../consent-requests/schema.ts';
import type { Asked } from './asked.ts';
import { consentName, type LockedConsent } from './facts.ts';

const zone = 'Asia/Shanghai';
const dayMs = 86_400_000;

/** The first moment of the calendar day or month in Shanghai that `nowMs` lies in, in ms since the epoch. */
export function periodStartMs(per: Frequency['per'], nowMs: number): number {
  const today = dateOf(nowMs, zone);
  const first = per === 'day' ? today : `${today.slice(0, 8)}01`;
  // Shanghai has had no daylight saving time since 1991.
  return endOfDay(first, zone) - dayMs;
}

const countUses: HotStatement = {
  name: 'uses_in_period',
  text: `SELECT asked.at::int AS at, (SELECT count(*)::int FROM consent_use
      WHERE subject_ref = asked.ref AND consent_use.consent = asked.consent AND at_ms >= asked.since) AS uses
    FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS asked (ref, consent, since, at)`,
};

/**
 * Uses that consents with a frequency have spent in the day or month that it is now, by their name in the
 * batch; nothing is read where none has one. Their rows are locked: nobody else spends meanwhile.
 */
export async function readPeriodUses(
  trx: HotTransaction,
  { clock }: Pick<Consumer, 'clock'>,
  items: readonly Asked[],
  consents: ReadonlyMap<string, LockedConsent>,
): Promise<ReadonlyMap<string, number>> {
  const nowMs = clock.now();
  const counted = new Map(
    items.flatMap(({ inquiry: { claims } }) => {
      const { consent = '', subject_ref: ref } = claims;
      const name = consentName(ref, consent);
      const { frequency } = consents.get(name)?.opened.claims ?? {};
      return frequency === undefined
        ? []
        : [[name, { ref, consent, since: periodStartMs(frequency.per, nowMs) }] as const];
    }),
  );
  if (counted.size === 0) return new Map();
  const asked = [...counted.values()];
  const rows = await trx.query<{ at: number; uses: number }>(countUses, [
    asked.map(({ ref }) => ref),
    asked.map(({ consent }) => consent),
    asked.map(({ since }) => since),
  ]);
  const names = [...counted.keys()];
  return new Map(rows.map(({ at, uses }) => [names[at - 1] ?? '', uses]));
}
