import { checkGb11643, gb11643CheckDigit, gb32100CheckDigit } from '@causeway/records';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { Sequence } from './sequence.ts';

/**
 * A synthetic subject. Its number lies in region 990000, which GB/T 2260 assigns to no place, so it is
 * nobody's.
 */
export interface SandboxSubject {
  /** Stable name for scripts, such as li-na. */
  id: string;
  name: string;
  kind: 'person' | 'enterprise';
  identifier: { scheme: 'gb11643' | 'gb32100' | 'passport'; value: string };
  /** The natural person who acts for an enterprise. */
  representative?: { scheme: 'gb11643'; value: string };
  /** What is special about this subject; empty for the crowd. */
  story: string;
}

interface Character {
  id: string;
  name: string;
  born: string;
  story: string;
}

/** The people of the story, first in every bureau's file. */
const CHARACTERS: Character[] = [
  { id: 'li-na', name: '李娜', born: '19900307', story: 'known to all three bureaus, always paid on time' },
  { id: 'wang-thin', name: '王淡', born: '19991119', story: 'known to one bureau only' },
  { id: 'zhao-nohit', name: '赵无', born: '20010512', story: 'known to no bureau' },
  { id: 'liu-noconsent', name: '刘拒', born: '19850623', story: 'never agrees to anything' },
  { id: 'wu-conflict', name: '吴异', born: '19780131', story: 'two bureaus disagree on one balance' },
  { id: 'zhou-late', name: '周迟', born: '19881204', story: 'ninety days behind on one loan' },
  {
    id: 'rare-name',
    name: '𠮷田·娜迪拉',
    born: '19960229',
    story: 'a name that older encodings cannot write',
  },
  { id: 'big-file', name: '多多', born: '19700815', story: 'forty accounts' },
];

const ENTERPRISE_CHARACTERS = [
  { id: 'pingshan-trading', name: '坪山贸易有限公司', story: 'an enterprise with a working-capital loan' },
  { id: 'nanhu-machinery', name: '南湖机械有限公司', story: 'an enterprise with a lease' },
];

export const PERSONS_DEFAULT = 1_000;
export const ENTERPRISES_DEFAULT = 100;
const SEED = 20_261_122;
const REGION = '990000';
/** Enterprises are represented by people of the crowd, from this one on. */
const REPRESENTATIVES_FROM = 10;
const SURNAMES = ['王', '李', '张', '刘', '陈', '杨', '黄', '赵', '吴', '周'] as const;
const GIVEN = ['伟', '芳', '敏', '静', '磊', '洋', '勇', '艳', '杰', '涛'] as const;

/** The people and enterprises of the sandbox, the story's characters first; the same ones every time. */
export function sandboxSubjects(
  persons = PERSONS_DEFAULT,
  enterprises = ENTERPRISES_DEFAULT,
): SandboxSubject[] {
  const people = somePersons(persons);
  const firms = someEnterprises(enterprises).map((firm, i) => {
    const value = people[(REPRESENTATIVES_FROM + i) % people.length]?.identifier.value ?? '';
    return { ...firm, representative: { scheme: 'gb11643' as const, value } };
  });
  return [...people, ...firms];
}

/**
 * The subject with this stable name; `customer:17` is the person whom a mapping of the sandbox makes of the
 * customer number 17, and an 18-character number of region 990000 is its own.
 * @throws RangeError for a name nobody has
 */
export function sandboxSubject(id: string): SandboxSubject {
  const customer = /^customer:(.+)$/u.exec(id)?.[1];
  if (customer !== undefined) return somebody(id, sandboxIdentifier(customer).value);
  if (id.startsWith(REGION) && checkGb11643(id)) return somebody(id, id);
  const found = sandboxSubjects().find((subject) => subject.id === id);
  if (!found) throw new RangeError(`no sandbox person is called ${id}; "causeway doctor" lists them`);
  return found;
}

function somebody(id: string, value: string): SandboxSubject {
  return { id, name: id, kind: 'person', identifier: { scheme: 'gb11643', value }, story: '' };
}

/** The named subjects: the ones a script or a newcomer asks about. */
export function sandboxCharacters(): SandboxSubject[] {
  return sandboxSubjects().filter(({ story }) => story !== '');
}

function somePersons(count: number): SandboxSubject[] {
  const sequence = new Sequence(SEED);
  const subjects = CHARACTERS.map(({ id, name, born, story }, i) => person(id, name, born, 3 + i, story));
  for (let i = subjects.length; i < count; i += 1) {
    const year = sequence.between(1955, 2005);
    const born = `${year}${two(sequence.between(1, 12))}${two(sequence.between(1, 28))}`;
    const name = sequence.pick(SURNAMES) + sequence.pick(GIVEN);
    subjects.push(person(`person-${i}`, name, born, 20 + (i % 979), ''));
  }
  return distinct(subjects);
}

function person(id: string, name: string, born: string, order: number, story: string): SandboxSubject {
  const body = `${REGION}${born}${String(order).padStart(3, '0')}`;
  const value = `${body}${gb11643CheckDigit(body)}`;
  return { id, name, kind: 'person', identifier: { scheme: 'gb11643', value }, story };
}

function someEnterprises(count: number): SandboxSubject[] {
  const subjects = ENTERPRISE_CHARACTERS.map(({ id, name, story }, i) => enterprise(id, name, i + 1, story));
  for (let i = subjects.length; i < count; i += 1) {
    subjects.push(enterprise(`enterprise-${i}`, `第${i}号商贸有限公司`, i + 1, ''));
  }
  return distinct(subjects);
}

/**
 * GB 32100: registration authority 9 (commerce), class 1 (enterprise), region, organisation code, check
 * character.
 */
function enterprise(id: string, name: string, order: number, story: string): SandboxSubject {
  const organisation = `MA${String(order).padStart(6, '0')}`;
  const body = `91${REGION}${organisation}${organisationCheck(organisation)}`;
  const value = `${body}${gb32100CheckDigit(body)}`;
  return { id, name, kind: 'enterprise', identifier: { scheme: 'gb32100', value }, story };
}

/** GB 11714: weights 3 7 9 10 5 8 4 2, modulo 11. */
function organisationCheck(code: string): string {
  const weights = [3, 7, 9, 10, 5, 8, 4, 2];
  const valueOf = (char: string): number =>
    /\d/.test(char) ? Number(char) : (char.codePointAt(0) ?? 0) - 55;
  const sum = weights.reduce((total, weight, i) => total + weight * valueOf(code[i] ?? '0'), 0);
  return '0123456789X0'[11 - (sum % 11)] ?? '0';
}

const two = (n: number): string => String(n).padStart(2, '0');

function distinct(subjects: SandboxSubject[]): SandboxSubject[] {
  const seen = new Set(subjects.map(({ identifier }) => identifier.value));
  if (seen.size !== subjects.length) throw new Error('two sandbox subjects share an identifier');
  return subjects;
}
