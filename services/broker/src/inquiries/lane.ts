import type { Inquiry } from '@causeway/protocol';
import type { Lane } from '@causeway/service/queue';

/** The urgencies (RFC 9218 section 4.1) of what nobody waits for; 3 is what a request has without one. */
const batchUrgencies = new Set(['5', '6', '7']);

/**
 * The lane of an inquiry: nobody waits for the monitoring of a running loan, and a lender says by the header
 * `Priority` what else can wait. The lane decides when work starts, never what is answered.
 */
export function laneOf({ purpose }: Pick<Inquiry, 'purpose'>, priority?: string | string[]): Lane {
  if (purpose === 'POST_LOAN') return 'monitoring';
  return batchUrgencies.has(urgencyOf(priority) ?? '') ? 'batch' : 'front';
}

/** The member `u` of the header; the last one counts, and what cannot be read is ignored (RFC 8941). */
function urgencyOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const found = text.split(',').map((member) => /^\s*u=([0-7])\s*(;|$)/u.exec(member)?.[1]);
  return found.findLast((urgency) => urgency !== undefined);
}
