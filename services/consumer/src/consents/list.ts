import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { agentsOf } from '../mandates/list.ts';
import type { ConsentRow } from '../tables.ts';
import { consentPageMax, consentsOf, ownsConsent } from './repository.ts';

/**
 * A page of the subject's consents, under whichever of their references, newest first. Throws `not_found`
 * for a cursor that is not one of theirs.
 */
export async function listConsents(consumer: Consumer, refs: readonly string[], cursor: string | undefined) {
  if (cursor !== undefined && !(await ownsConsent(consumer.db, refs, cursor))) {
    throw new CausewayError('not_found');
  }
  const rows = await consentsOf(consumer.db, refs, cursor);
  const page = rows.slice(0, consentPageMax);
  const last = rows.length > consentPageMax ? page.at(-1) : undefined;
  const agents = await agentsOf(consumer, refs);
  return { items: page.map((row) => consentView(consumer, row, agents)), ...(last ? { next: last.id } : {}) };
}

function consentView(
  { clock, directory }: Consumer,
  row: ConsentRow,
  agents: Awaited<ReturnType<typeof agentsOf>>,
) {
  return {
    id: row.id,
    kind: row.kind,
    digest: row.digest,
    lender: row.lender,
    lender_name: directory().member(row.lender)?.legal_name ?? row.lender,
    purposes: row.purposes,
    categories: row.categories,
    bureaus: row.bureaus,
    valid_from: new Date(row.valid_from_ms).toISOString(),
    valid_until: new Date(row.valid_until_ms).toISOString(),
    max_uses: row.max_uses,
    uses: row.uses,
    strength: row.strength,
    ...(row.mandate === null ? {} : { by: agents.get(row.mandate) }),
    state: stateOf(row, clock.now()),
    ...(row.state === 'revoked' ? { revoked_at: new Date(row.state_since_ms).toISOString() } : {}),
  };
}

function stateOf(row: ConsentRow, nowMs: number): string {
  if (row.state !== 'active') return row.state;
  if (nowMs < row.valid_from_ms) return 'waiting';
  if (nowMs >= row.valid_until_ms) return 'expired';
  return row.uses >= row.max_uses ? 'used_up' : 'active';
}
