import type { XmlElement } from '@causeway/records/xml';

import { partyKinds } from './codes.ts';
import { Draft, dropped, field, passed } from './draft.ts';
import { coded, date, money, partyReference, percent, slug } from './readings.ts';
import type { Report } from './report.ts';

/** EC01: what the enterprise is; never its name or where it is. */
export function readEnterpriseProfile(report: Report, element: XmlElement): void {
  const draft = new Draft(report).read(element, [
    ...dropped('EC010Q01', 'EC010Q02', 'EC010Q03', 'EC010Q04'),
    field('EC010D01', 'economic_type', slug),
    field('EC010D02', 'org_type', slug),
    field('EC010D03', 'size', slug),
    field('EC010D04', 'industry', slug),
    field('EC010D05', 'status', slug),
    field('EC010R01', 'founded', date),
    field('EC010R02', 'licence_expires', date),
    field('EC010J01', 'registered_capital', money),
  ]);
  report.add(draft, element, {
    ...{ record: 'profile', category: 'IDENTITY', segment: 'EC01', key: 'profile' },
    extra: { kind: 'enterprise' },
  });
}

const roles: Readonly<Record<string, string>> = {
  ...{ 0: 'legal_representative', 1: 'chair', 2: 'general_manager', 3: 'finance_head', 4: 'supervisor' },
  9: 'other',
};

type RelationKind = 'shareholder' | 'officer' | 'parent' | 'actual_controller';

/**
 * EC02 to EC05: who owns, runs or controls it. Of the other party only a pseudonym is kept, made of its
 * number; an officer with the role of legal representative is one.
 */
export function readRelation(report: Report, element: XmlElement, kind: RelationKind): void {
  const p = `${element.name}0`;
  const draft = new Draft(report).read(element, [
    ...dropped(`${p}Q01`),
    ...passed(`${p}D02`),
    field(`${p}D01`, 'party_kind', coded(partyKinds)),
    field(`${p}I01`, 'party_ref', partyReference),
    field(`${p}D03`, 'role', coded(roles, 'other')),
    field(`${p}S01`, 'ratio_ppm', percent),
    field(`${p}J01`, 'contribution', money),
    field(`${p}R01`, 'since', date),
    field(`${p}R02`, 'until', date),
  ]);
  const legal = kind === 'officer' && draft.values['role'] === 'legal_representative';
  report.add(draft, element, {
    ...{ record: 'relation', category: 'OWNERSHIP', segment: element.name },
    extra: { kind: legal ? 'legal_representative' : kind },
  });
}
