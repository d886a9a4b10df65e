import type { Role } from '@causeway/protocol/statement-types';

/** A leaf that belongs to an inquiry, as its ledger opened it. */
export interface Leg {
  readonly member: string;
  readonly index: number;
  readonly typ: string;
  readonly digest: string;
  readonly inquiry: string;
  readonly use: number | null;
  readonly iss: string;
  readonly aud: string;
  /** When it was read, by the reconciler's clock: it was committed before. */
  readonly seenMs: number;
}

/** What another leg says must have been there first. */
type Need = 'grant' | 'inquiry';

type FindingKind =
  | `${'disclosure' | 'refusal' | 'report'}_without_grant`
  | `${'grant' | 'disclosure' | 'refusal' | 'report'}_without_inquiry`
  | 'second_answer'
  | 'second_refusal'
  | 'leaf_twice'
  | 'misplaced_leaf'
  | 'leaf_changed'
  | 'leaf_missing'
  | 'ledger_shrank';

/** What is wrong, and with which leaf of whose ledger. */
export interface Finding {
  readonly kind: FindingKind;
  readonly member: string;
  /** Of the leaf; where a ledger shrank, the size that it says. */
  readonly index: number;
  readonly inquiry: string | null;
  readonly use: number | null;
}

/** How far the ledgers have been read, at the moment of a judgement. */
export interface Reading {
  readonly rolesOf: (member: string) => readonly Role[];
  /** True where everything that members of the role had committed by then has been read. */
  readonly readThrough: (role: Role, ms: number) => boolean;
  /** A leg that was seen later than this has time yet. */
  readonly patientSinceMs: number;
}

interface Judgement {
  readonly findings: readonly Finding[];
  /** Legs that have all they need. */
  readonly paired: number;
  /** Legs that lack something which may yet be read. */
  readonly waiting: number;
}

/**
 * Judges all legs of one inquiry. Whatever a leg needs was committed at another node before the leg itself,
 * so it is missing only where the other ledgers have been read to a moment behind the one at which the leg
 * was seen: a slow or stopped node makes legs wait and raises no alarm.
 */
export function judgeInquiry(legs: readonly Leg[], reading: Reading): Judgement {
  const findings = [...repeats(legs, reading)];
  let [paired, waiting] = [0, 0];
  for (const leg of legs) {
    if (!inPlace(leg, reading.rolesOf(leg.member))) {
      findings.push(finding('misplaced_leaf', leg));
      continue;
    }
    const lacking = needsOf(leg, reading.rolesOf(leg.member)).filter(
      (need) => !met(need, leg, legs, reading),
    );
    const missing = lacking.filter((need) => isOver(need, leg, reading));
    findings.push(...missing.map((need) => finding(withoutKind(leg.typ, need), leg)));
    if (lacking.length === 0) paired += 1;
    else if (missing.length < lacking.length) waiting += 1;
  }
  return { findings, paired, waiting };
}

const keeperOf: Readonly<Record<Need, Role>> = { grant: 'consumer', inquiry: 'broker' };
const issuers: Readonly<Record<string, readonly Role[]>> = {
  grant: ['consumer'],
  disclosure: ['bureau'],
  report: ['broker'],
  refusal: ['consumer', 'broker', 'bureau'],
};

/**
 * True where this ledger is the one in which the leaf belongs: its issuer's, and for an inquiry that of the
 * broker that it is addressed to or that of a node that signed it.
 */
function inPlace({ aud, iss, member, typ }: Leg, roles: readonly Role[]): boolean {
  if (typ === 'inquiry') return member === iss || (member === aud && roles.includes('broker'));
  const expected = issuers[typ];
  return expected === undefined || (iss === member && expected.some((role) => roles.includes(role)));
}

function needsOf({ typ, use }: Leg, roles: readonly Role[]): Need[] {
  if (typ === 'disclosure' || typ === 'report') return ['grant', 'inquiry'];
  if (typ === 'refusal') return roles.includes('bureau') && use !== null ? ['grant', 'inquiry'] : ['inquiry'];
  return typ === 'grant' ? ['inquiry'] : [];
}

function met(need: Need, leg: Leg, legs: readonly Leg[], { rolesOf }: Reading): boolean {
  return legs.some(
    (other) =>
      other.typ === need &&
      rolesOf(other.member).includes(keeperOf[need]) &&
      inPlace(other, rolesOf(other.member)) &&
      (need === 'inquiry' ? other.digest === leg.inquiry : other.use === leg.use && other.aud === leg.member),
  );
}

const isOver = (need: Need, { seenMs }: Leg, { patientSinceMs, readThrough }: Reading): boolean =>
  seenMs <= patientSinceMs && readThrough(keeperOf[need], seenMs);

function withoutKind(typ: string, need: Need): FindingKind {
  if (typ === 'grant') return 'grant_without_inquiry';
  return `${typ === 'disclosure' || typ === 'report' ? typ : 'refusal'}_without_${need}`;
}

/**
 * Legs that a ledger may hold only once: a bureau's answer to a use (a disclosure or a refusal), anybody
 * else's refusal of it, and every statement. Grants are renewed and reports have versions.
 */
function* repeats(legs: readonly Leg[], { rolesOf }: Reading): Generator<Finding> {
  const seen = new Set<string>();
  for (const leg of legs.toSorted((a, b) => a.index - b.index)) {
    const { digest, member, typ, use } = leg;
    const statement = `${member} ${digest}`;
    const answers = typ === 'disclosure' || typ === 'refusal';
    const answer = `${member} use ${use}`;
    if (seen.has(statement)) yield finding('leaf_twice', leg);
    else if (answers && seen.has(answer)) {
      yield finding(rolesOf(member).includes('bureau') ? 'second_answer' : 'second_refusal', leg);
    }
    seen.add(statement);
    if (answers) seen.add(answer);
  }
}

const finding = (kind: FindingKind, { member, index, inquiry, use }: Leg): Finding => ({
  ...{ kind, member, index, inquiry, use },
});
