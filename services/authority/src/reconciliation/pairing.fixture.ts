import type { Role } from '@causeway/protocol/statement-types';
import fc from 'fast-check';
import { type Leg, type Reading, judgeInquiry } from './pairing.ts';

const roles: Readonly<Record<string, readonly Role[]>> = {
  consumer: ['consumer'],
  broker: ['broker'],
  'other-broker': ['broker'],
  central: ['bureau'],
  harbour: ['bureau'],
  lotus: ['bureau'],
};
export const rolesOf = (member: string): readonly Role[] => roles[member] ?? [];

/** Everything has been read, for ever. */
export const allRead: Reading = { rolesOf, readThrough: () => true, patientSinceMs: Number.MAX_SAFE_INTEGER };

/** A leaf as some node records it; its index and when it is read come later. */
export type Recorded = Omit<Leg, 'index' | 'seenMs'>;

let made = 0;
const leaf = (typ: string, member: string, more: Partial<Recorded> = {}): Recorded => ({
  ...{
    typ,
    member,
    iss: member,
    aud: 'abc-bank',
    digest: `digest ${(made += 1)}`,
    inquiry: 'inquiry',
    use: 1,
  },
  ...more,
});

/** What an inquiry comes to at each of its bureaus. */
const answer = fc.constantFrom('disclosure', 'refusal', 'nothing');

/**
 * The leaves of one correct inquiry, in the order in which they were committed: refused at the door, refused
 * at redemption, or granted, with renewed grants, answers, and versions of its report.
 */
export const history: fc.Arbitrary<Recorded[]> = fc
  .record({
    broker: fc.constantFrom('broker', 'other-broker'),
    course: fc.constantFrom('early', 'refused', 'granted', 'granted', 'granted', 'stopped'),
    use: fc.integer({ min: 1, max: 3 }),
    answers: fc.record({ central: answer, harbour: answer, lotus: answer }),
    renewed: fc.subarray(['central', 'harbour', 'lotus']),
    versions: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ answers, broker, course, renewed, use, versions }) => {
    const inquiry = 'inquiry';
    const asked = leaf('inquiry', broker, { digest: inquiry, iss: 'abc-bank', aud: broker, use: null });
    if (course === 'early') return [asked, leaf('refusal', broker, { use: null })];
    if (course === 'refused') return [asked, leaf('refusal', 'consumer', { use: null })];
    const grant = (aud: string) => leaf('grant', 'consumer', { aud, use });
    const bureaus = Object.entries(answers);
    return [
      asked,
      ...[...bureaus.map(([bureau]) => bureau), broker].map(grant),
      ...renewed.map(grant),
      ...bureaus.flatMap(([bureau, typ]) => (typ === 'nothing' ? [] : [leaf(typ, bureau, { use })])),
      ...Array.from({ length: versions }, () => leaf('report', broker, { use })),
      ...(course === 'stopped' ? [leaf('refusal', 'consumer', { use })] : []),
    ];
  });

/** The leaves of a history as their ledgers have them, all read. */
export function legsIn(recorded: readonly Recorded[]): Leg[] {
  const sizes = new Map<string, number>();
  return recorded.map((each) => {
    const index = sizes.get(each.member) ?? 0;
    sizes.set(each.member, index + 1);
    return { ...each, index, seenMs: 1 };
  });
}

/** What is found, as `kind member index`, once everything has been read. */
export function foundIn(legs: readonly Leg[]): string[] {
  const { findings } = judgeInquiry(legs, allRead);
  return findings.map(({ index, kind, member }) => `${kind} ${member} ${index}`).toSorted();
}
