import { purposeCodes, purposes } from '@causeway/records/purposes';
import type { Purpose } from '@causeway/records/purposes';
import type { XmlElement } from '@causeway/records/xml';

import { institutionTypes } from './codes.ts';
import { Draft, field } from './draft.ts';
import { coded, day, reference } from './readings.ts';
import type { Report } from './report.ts';

/** The query reason for a purpose; undefined where the registry answers none for it. */
export function queryReason(purpose: Purpose): string | undefined {
  const entry = purposes[purpose];
  return 'pboc' in entry ? entry.pboc : undefined;
}

const byReason: Readonly<Record<string, Purpose>> = Object.fromEntries(
  purposeCodes.flatMap((purpose) => {
    const reason = queryReason(purpose);
    return reason === undefined ? [] : [[reason, purpose]];
  }),
);

/** PH01: somebody asked before. */
export function readInquiry(report: Report, element: XmlElement): void {
  const draft = new Draft(report).read(element, [
    field('PH010R01', 'on', day),
    field('PH010D01', 'requester_type', coded(institutionTypes, 'unknown')),
    field('PH010Q02', 'requester_ref', reference),
    field('PH010Q03', 'purpose', coded(byReason)),
  ]);
  const purpose = draft.values['purpose'] as Purpose | undefined;
  report.add(draft, element, {
    ...{ record: 'inquiry', category: 'INQUIRY', segment: 'PH01' },
    extra: purpose === undefined ? {} : { kind: purposes[purpose].kind },
  });
}
