import type { Consumer } from '../consumer.ts';
import type { MandateRow } from '../acting-rows.ts';
import { mandatesOf } from './repository.ts';
import { type Names, namesOf, openPart } from './sealed.ts';

/** Who may or might act for the person, and for whom they may or might; newest first. */
export async function listMandates(consumer: Consumer, refs: readonly string[]) {
  const [forMe, byMe] = [
    await mandatesOf(consumer.db, 'subject_ref', refs),
    await mandatesOf(consumer.db, 'agent_ref', refs),
  ];
  return {
    for_me: await Promise.all(forMe.map(async (row) => await named(consumer, row, 'agent'))),
    by_me: await Promise.all(byMe.map(async (row) => await named(consumer, row, 'subject'))),
  };
}

const named = async (consumer: Consumer, row: MandateRow, other: keyof Names) => ({
  ...viewOf(consumer, row),
  name: (await namesOf(consumer, row))[other],
});

function viewOf({ clock }: Consumer, row: MandateRow) {
  const { digest, ended_by, ended_ms, from_ms, id, kind, powers, purposes, until_ms } = row;
  const status = ended_ms === null ? (clock.now() < until_ms ? 'standing' : 'over') : 'ended';
  return {
    ...{ id, digest, kind, powers, status },
    ...(purposes === null ? {} : { purposes }),
    from: new Date(from_ms).toISOString(),
    until: new Date(until_ms).toISOString(),
    ...(ended_ms === null ? {} : { ended_at: new Date(ended_ms).toISOString(), ended_by }),
  };
}

/** By whom something was done under a mandate, by its digest: what the subject's lines say of it. */
export async function agentsOf(consumer: Consumer, refs: readonly string[]) {
  const rows = await mandatesOf(consumer.db, 'subject_ref', refs);
  return new Map(
    await Promise.all(
      rows.map(async (row) => {
        const { digest, id, kind } = row;
        return [digest, { role: kind, mandate: id, name: (await namesOf(consumer, row)).agent }] as const;
      }),
    ),
  );
}

/** The person's mandates with their signed statements, for an export. */
export async function exportedMandates(consumer: Consumer, refs: readonly string[]) {
  const rows = await mandatesOf(consumer.db, 'subject_ref', refs);
  const exported = rows.map(async (row) => ({
    ...(await named(consumer, row, 'agent')),
    statement: await openPart(consumer, 'statement', row, row.statement),
    ...(row.end_statement === null
      ? {}
      : { end_statement: await openPart(consumer, 'end_statement', row, row.end_statement) }),
  }));
  return await Promise.all(exported);
}
