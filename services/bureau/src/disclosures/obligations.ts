import { bindsToOwnAccounts, withinObligations } from '@causeway/gate';
import type { BureauRefusal, Permit } from '@causeway/gate';
import type { CreditRecord } from '@causeway/records';

import type { SourceAnswer, SourceRecord } from '../sources/source.ts';

/**
 * What of a source's answer the permit's obligations leave, or the refusal that they come to. The records are
 * parsed only where an obligation depends on what they say.
 */
export function withinPermit(
  permit: Permit,
  found: SourceAnswer,
): SourceAnswer | { readonly refusal: BureauRefusal } {
  if (!bindsToOwnAccounts(permit)) return found;
  const read = new Map<CreditRecord, SourceRecord>(
    found.records.map((record) => [JSON.parse(record.text) as CreditRecord, record]),
  );
  const within = withinObligations([...read.keys()], permit);
  if ('against' in within) {
    const { code, rule } = within.against;
    return { refusal: { code, rules: [rule], policyVersion: permit.policyVersion } };
  }
  return { known: found.known, records: within.records.flatMap((record) => read.get(record) ?? []) };
}
